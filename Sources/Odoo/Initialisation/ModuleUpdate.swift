/// How modules of a database are updated or added later.
public struct ModuleUpdate: Hashable, Sendable {
  /// The database.
  public var database: DatabaseName
  /// Modules whose data and tables are brought up to their code; `base` updates all that are installed.
  public var update: [ModuleName]
  /// Modules to install.
  public var install: [ModuleName]

  /// An update of some modules and an installation of others.
  public init(database: DatabaseName, update: [ModuleName] = [], install: [ModuleName] = []) {
    self.database = database
    self.update = update
    self.install = install
  }

  /// The run that does it, or nil where there is nothing to do. The instance must not serve meanwhile: the
  /// run locks tables and changes them under the feet of running code.
  public var run: OdooRun? {
    guard !update.isEmpty || !install.isEmpty else { return nil }
    var words = ["-d", database.text]
    if !update.isEmpty { words += ["-u", list(update)] }
    if !install.isEmpty { words += ["-i", list(install)] }
    words += ["--stop-after-init"] + OdooRun.once
    return OdooRun(title: "Update modules", arguments: words, standardInput: nil, successMarker: nil)
  }

  private func list(_ modules: [ModuleName]) -> String {
    modules.map(\.text).joined(separator: ",")
  }
}
