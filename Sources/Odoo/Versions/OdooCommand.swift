/// A command of the `odoo` program.
///
/// Source: the files of `odoo/cli` in each version's tree.
public enum OdooCommand: String, CaseIterable, Hashable, Sendable {
  /// The server itself; what runs when no command is named.
  case server
  /// A Python prompt, or a script on standard input, inside a database.
  case shell
  /// A skeleton of a new module.
  case scaffold
  /// Counts lines of custom code.
  case cloc
  /// Fills a database with generated records.
  case populate
  /// Loads, dumps, duplicates, renames and drops databases.
  case db
  /// Makes a copy harmless: no mail, no scheduled actions, no providers.
  case neutralize
  /// Encrypts personal columns of a copy.
  case obfuscate
  /// Rewrites source code for a newer version.
  case upgradeCode = "upgrade_code"
  /// Installs, upgrades and uninstalls modules.
  case module
  /// Imports and exports translations, and loads languages.
  case i18n

  /// The first version that has the command.
  public var since: OdooVersion {
    switch self {
    case .server, .shell, .scaffold, .cloc, .populate: .v14
    case .db, .neutralize: .v16
    case .obfuscate: .v17
    case .upgradeCode: .v18
    case .module, .i18n: .v19
    }
  }
}

extension OdooVersion {
  /// Whether this version has a command.
  public func has(_ command: OdooCommand) -> Bool {
    self >= command.since
  }

  /// Every command this version has.
  public var commands: [OdooCommand] {
    OdooCommand.allCases.filter(has)
  }

  /// Whether `odoo db` has `init`, which makes a database with language, country and login at once.
  public var hasDatabaseInit: Bool { self >= .v19 }

  /// Whether `odoo shell` takes a script as `--shell-file`; every version reads one from standard input.
  public var hasShellFile: Bool { self >= .v19 }
}
