import ArgumentParser
import Client
import Foundation

/// `odeum installation`
struct InstallationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "installation", abstract: "Show how the control plane's own backups stand. For operators.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.installation) }
    if common.json { return Terminal.output.json(answer.body) }
    for line in Self.facts(answer.value).lines(Terminal.output.style) { Terminal.output.line(line) }
  }

  static func facts(_ installation: API.Installation, now: Date = Date()) -> Facts {
    var facts = Facts()
    facts.add("Installation", installation.id.uuidString)
    let backups = installation.backups
    facts.add("Last backup", backups.lastMade.map { $0.ago(at: now) } ?? "none was made yet")
    let since = backups.troubleSince.map { " (\($0.ago(at: now)))" } ?? ""
    facts.add("Trouble", backups.trouble.map { Columns.harmless($0) + since })
    return facts
  }
}
