import ArgumentParser

/// The control plane.
@main
struct Odeumd: AsyncParsableCommand {
  /// The version, after semantic versioning.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "odeumd", abstract: "The control plane of Odeum: hosting for Odoo on servers you own.",
    discussion: "Settings come from the environment; `odeumd settings` lists them.", version: version,
    subcommands: [Serve.self, Work.self, Backup.self, Restore.self, Admin.self, ShowSettings.self, Gate.self])
}

/// Prints every setting.
struct ShowSettings: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "List every setting with its default and what it does.")

  func run() {
    for setting in Settings.manual {
      print("\(setting.name)=\(setting.fallback)\n    \(setting.about)\n")
    }
  }
}
