import ArgumentParser
import Client

/// `odeum instance logs NAME`
struct InstanceLogs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show an instance's log; with -f as it is written.")

  @OptionGroup var instance: InstanceArgument

  @Flag(name: [.short, .long], help: "Go on with new lines until Ctrl-C, which ends it with status 0.")
  var follow = false

  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: ArgumentHelp("How many lines from the end; by default 100, and all into a file.", valueName: "n"))
  var tail: Int?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Save it as this file, up to 100,000 lines.", valueName: "file"), completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp("Whose log: odoo (default) or database.", valueName: "source"),
    completion: .list(["odoo", "database"]))
  var source: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard output == nil || !(follow || common.json) else {
      throw ValidationError("--output goes with neither --follow nor --json.")
    }
  }

  func run() async throws {
    try await common.connected { client in
      try await client.asking(about: instance.name) {
        if let output {
          return try await client.save(.logExport(of: instance.name, source: source, tail: tail), as: output)
        }
        try await follow ? stream(client) : printTail(client)
      }
    }
  }

  private func printTail(_ client: OdeumClient) async throws {
    let answer = try await client.send(.log(of: instance.name, source: source, tail: tail ?? 100))
    if common.json { return Terminal.output.json(answer.body) }
    for line in answer.value.items { show(line) }
  }

  private func stream(_ client: OdeumClient) async throws {
    do {
      try await untilInterrupted {
        for try await line in client.followLog(of: instance.name, source: source, tail: tail ?? 100) {
          if common.json { try Terminal.output.json(line) } else { show(line) }
        }
      }
    } catch is Interrupted {
      // Ctrl-C is how one stops to follow a log.
    }
  }

  private func show(_ line: API.LogLine) {
    Terminal.output.line(Terminal.output.style(Columns.harmless(line.text), Self.ink(of: line.level)))
  }

  private static func ink(of level: String?) -> Style.Ink? {
    switch level {
    case "ERROR", "CRITICAL", "FATAL", "PANIC": .red
    case "WARNING": .yellow
    case "DEBUG": .dim
    default: nil
    }
  }
}
