import ArgumentParser
import Client
import Foundation

/// `odeum audit …`
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "What was changed in the organisation, by whom and when.",
    subcommands: [ListAudit.self, ExportAudit.self], defaultSubcommand: ListAudit.self)
}

/// Which entries are wanted.
struct AuditOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only this action, such as instance.create, or all of a kind: instance.", valueName: "name"))
  var action: String?

  @Option(
    help: ArgumentHelp("Only where who did it, to what, or what changed contains this.", valueName: "text"))
  var search: String?

  @Option(help: ArgumentHelp("Only from then on: 2026-01-31, or 2026-01-31T12:00:00Z.", valueName: "time"))
  var from: Moment?

  @Option(help: ArgumentHelp("Only before then.", valueName: "time"))
  var until: Moment?

  var selection: API.AuditSelection {
    API.AuditSelection(action: action, search: search, from: from?.date, until: until?.date)
  }
}

/// `odeum audit list`
struct ListAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the newest entries, the newest last.", aliases: ["ls"])

  @OptionGroup var which: AuditOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("How many of the newest.", valueName: "n"))
  var limit = 50

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...200).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 200.") }
  }

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.audit(which.selection, limit: limit)) }
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

/// `odeum audit export`
struct ExportAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write all entries into a file, the newest first.",
    discussion: "A file that is there is not written over. One that could not be written whole is removed.")

  @OptionGroup var which: AuditOptions

  @Flag(help: "A table for a spreadsheet instead of a JSON document a line.")
  var csv = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Where to; by default to the standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let call = API.Call.auditExport(which.selection, format: csv ? "csv" : "json")
    guard let output else {
      return try await common.connected { try await $0.download(call) { Terminal.output.write($0) } }
    }
    try await common.connected { try await $0.save(call, as: output) }
  }
}
