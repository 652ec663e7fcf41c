import ArgumentParser
import Client
import Foundation

/// `odeum server strays …`
struct StraysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strays", abstract: "What is on servers and belongs to nothing that Odeum knows.",
    discussion: """
      Containers, volumes, networks and folders with this installation's label: after an older backup of the control \
      plane was restored, say. They are left alone until you remove them. For operators.
      """,
    subcommands: [ListStrays.self, RemoveStray.self], defaultSubcommand: ListStrays.self)
}

/// `odeum server strays list`
struct ListStrays: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List strays.", aliases: ["ls"])

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.strays) }
    if common.json { return Terminal.output.json(answer.body) }
    guard !answer.value.items.isEmpty else {
      return Terminal.messages.line("There are no strays: everything on the servers belongs to something.")
    }
    Terminal.output.show(Self.table(answer.value.items))
    Terminal.messages.line("Remove one: odeum server strays rm ID")
  }

  /// One row a stray; what it was a part of stands behind it.
  static func table(_ strays: [API.Stray], now: Date = Date()) -> Table {
    var table = Table(head: ["ID", "SERVER", "KIND", "NAME", "FIRST SEEN", "LAST SEEN", "WAS OF"])
    let length = ListJobs.length(of: strays.map(\.id))
    table.rows = strays.map { stray in
      [
        String(stray.id.uuidString.lowercased().prefix(length)), stray.server.name, stray.kind,
        Columns.harmless(stray.name), stray.firstSeen.ago(at: now), stray.lastSeen.ago(at: now),
        stray.instance.map(Columns.harmless) ?? "",
      ]
    }
    return table
  }
}

/// `odeum server strays rm ID`
struct RemoveStray: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a stray from its server, a volume with its data.")

  @Argument(help: "The stray's id; its first letters are enough.")
  var id: String

  @Flag(name: [.short, .long], help: "Do not ask.")
  var yes = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let stray = try Self.stray(id, among: try await client.send(.strays).value.items)
      if !yes {
        try Prompt.confirm(
          removing: Columns.harmless(stray.name), saying: Self.warning(stray),
          unasked: "odeum server strays rm \(id) --yes")
      }
      _ = try await client.send(.removeStray(stray.id))
      guard !common.json else { return }
      let what = "The \(stray.kind) \(Columns.harmless(stray.name))"
      Terminal.output.line("\(Terminal.output.style.done) \(what) is removed from \(stray.server.name)")
    }
  }

  /// What is deleted, in one sentence.
  static func warning(_ stray: API.Stray) -> String {
    let data =
      switch stray.kind {
      case "volume": " with its data, for good."
      case "folder": " with everything in it, for good."
      default: ", for good."
      }
    let former = stray.instance.map { " It was a part of the instance \(Columns.harmless($0))." } ?? ""
    return
      "This removes the \(stray.kind) \(Columns.harmless(stray.name)) from \(stray.server.name)\(data)\(former)"
  }

  /// The one of `strays` whose id is `text` or begins with it.
  static func stray(_ text: String, among strays: [API.Stray]) throws -> API.Stray {
    let found = strays.filter { $0.id.uuidString.lowercased().hasPrefix(text.lowercased()) }
    guard found.count < 2 else {
      throw CommandFailure(
        status: .usage, message: "More than one stray's id begins with “\(text)”.",
        next: "odeum server strays")
    }
    guard let stray = found.first, !text.isEmpty else {
      throw CommandFailure(
        status: .notFound, message: "There is no stray “\(text)”; it may be gone by now.",
        next: "odeum server strays")
    }
    return stray
  }
}
