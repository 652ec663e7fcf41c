import ArgumentParser
import Client

/// `odeum instance logs NAME`
struct InstanceLogs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show an instance's log; with -f as it is written.")

  @OptionGroup var instance: InstanceArgument

  @Flag(name: [.short, .long], help: "Go on with new lines until Ctrl-C.")
  var follow = false

  @Option(name: [.short, .long], help: ArgumentHelp("How many lines from the end.", valueName: "n"))
  var tail = 100

  @Option(help: "Only this source: odoo or database.")
  var source: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      try await client.asking(about: instance.name) {
        try await follow ? stream(client) : printTail(client)
      }
    }
  }

  private func printTail(_ client: OdeumClient) async throws {
    let answer = try await client.send(.log(of: instance.name, source: source, tail: tail))
    if common.json { return Terminal.output.json(answer.body) }
    for line in answer.value.items { show(line) }
  }

  private func stream(_ client: OdeumClient) async throws {
    do {
      try await untilInterrupted {
        for try await line in client.followLog(of: instance.name, source: source, tail: tail) {
          if common.json { try Terminal.output.json(line) } else { show(line) }
        }
      }
    } catch is Interrupted {
      // Ctrl-C is how one stops to follow a log.
    }
  }

  private func show(_ line: API.LogLine) {
    let style = Terminal.output.style
    let origin = source == nil ? style(Columns.pad(line.source, to: 8) + " | ", .dim) : ""
    Terminal.output.line(origin + style(Columns.harmless(line.text), Self.ink(of: line.level)))
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
