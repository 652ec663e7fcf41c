import ArgumentParser
import Client
import Foundation

/// `odeum audit`
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "What was changed in the organisation, by whom and when; the newest last."
  )

  @Option(
    help: ArgumentHelp(
      "Only this action, such as instance.create, or all of a kind: instance.", valueName: "name"))
  var action: String?

  @Option(
    help: ArgumentHelp("Only where who did it, to what, or what changed contains this.", valueName: "text"))
  var search: String?

  @Option(help: ArgumentHelp("How many of the newest.", valueName: "n"))
  var limit = 50

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...200).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 200.") }
  }

  func run() async throws {
    let answer = try await common.connected {
      try await $0.send(.audit(action: action, search: search, limit: limit))
    }
    if common.json { return Terminal.output.json(answer.body) }
    guard !answer.value.items.isEmpty else { return Terminal.messages.line("No entry matches.") }
    Terminal.output.show(Self.table(answer.value.items.reversed()))
  }

  static func table(_ entries: [API.AuditEntry]) -> Table {
    var table = Table(head: ["WHEN", "WHO", "FROM", "ACTION", "WHAT"])
    table.rows = entries.map { entry in
      [
        entry.at.local, Columns.harmless(entry.who), "\(entry.door) \(entry.address ?? "")", entry.action,
        Columns.harmless(entry.subject),
      ]
    }
    return table
  }
}
