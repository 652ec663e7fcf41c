import ArgumentParser
import Client

/// `odeum instance database NAME`
struct InstanceDatabase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "database", abstract: "Show how to reach an instance's database, with its password.",
    discussion: "The audit log notes who asked.")

  @OptionGroup var instance: InstanceArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      try await client.asking(about: instance.name) {
        try await client.send(.databaseAccess(of: instance.name))
      }
    }
    if common.json { return Terminal.output.json(answer.body) }
    for line in Self.facts(answer.value).lines(Terminal.output.style) { Terminal.output.line(line) }
  }

  /// The access, named as people name it.
  static func facts(_ access: API.DatabaseAccess) -> Facts {
    var facts = Facts()
    facts.add("Database", access.database)
    facts.add("User", access.user)
    facts.add("Password", access.password)
    facts.add("Port", "\(access.port), on the server itself")
    facts.add("Tunnel", access.tunnel)
    facts.add("Client", access.client)
    return facts
  }
}
