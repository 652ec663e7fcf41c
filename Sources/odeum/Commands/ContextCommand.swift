import ArgumentParser
import Client
import Foundation

/// `odeum context …`
struct ContextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context", abstract: "The servers that you signed in to.",
    subcommands: [List.self, Use.self, Remove.self], defaultSubcommand: List.self)

  /// `odeum context list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List them; * is the one in use.")

    func run() async throws {
      let file = try ContextFile.read()
      var table = Table(head: ["", "NAME", "ORGANISATION", "ADDRESS"])
      table.rows = file.contexts.map {
        [$0.name == file.current ? "*" : "", $0.name, $0.organisation ?? "", $0.url]
      }
      guard !table.rows.isEmpty else {
        Terminal.messages.line("No server is known yet.\nNext: odeum login http://127.0.0.1:8600")
        return
      }
      Terminal.output.show(table)
    }
  }

  /// `odeum context use NAME`
  struct Use: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take another one into use.")

    @Argument(help: "The context's name.", completion: .custom { _, _, _ in contextNames() })
    var name: String

    func run() async throws {
      var file = try ContextFile.read()
      guard let context = try file.context(name) else { return }
      file.use(context)
      try file.write()
      Terminal.output.line("Context “\(context.name)” (\(context.url)) is in use.")
    }
  }

  /// `odeum context rm NAME`
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm",
      abstract: "Forget one and its token. The token itself stays valid until it is revoked.")

    @Argument(help: "The context's name.", completion: .custom { _, _, _ in contextNames() })
    var name: String

    func run() async throws {
      var file = try ContextFile.read()
      _ = try file.context(name)
      file.contexts.removeAll { $0.name == name }
      if file.current == name { file.current = nil }
      try file.write()
      Terminal.output.line("Context “\(name)” is forgotten.")
    }
  }
}

/// The names of all contexts, for the shell's completion.
private func contextNames() -> [String] {
  (try? ContextFile.read())?.contexts.map(\.name) ?? []
}

extension Terminal {
  /// Writes the lines of `table`.
  func show(_ table: Table) {
    for line in table.lines(width: width, style) { self.line(line) }
  }

  /// Writes an answer's body as it came.
  func json(_ body: Data) { write(String(decoding: body, as: UTF8.self) + "\n") }

  /// Writes `value` as the API would.
  func json(_ value: some Encodable) throws { json(try API.encoder().encode(value)) }
}
