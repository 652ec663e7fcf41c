import ArgumentParser
import Client

/// `odeum server …`
struct ServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server", abstract: "The hosts on which instances run.",
    subcommands: [
      AddServer.self, ListServers.self, ShowServer.self, EditServer.self, ValidateServer.self,
      PrepareServer.self, DrainServer.self, MaintainServer.self, ActivateServer.self, PlaceInstance.self,
      RemoveServer.self, StraysCommand.self,
    ],
    defaultSubcommand: ListServers.self, aliases: ["servers"])
}

/// The server that a command is about.
struct ServerArgument: ParsableArguments {
  @Argument(
    help: "The server's name or id.",
    completion: .custom { (_: [String], _: Int, prefix: String) async in await serverNames(prefix) })
  var name: String
}

/// The names of the servers that begin with `prefix`, for the shell; none where they cannot be had.
@Sendable private func serverNames(_ prefix: String) async -> [String] {
  let connection = try? Connection(context: nil, file: try ContextFile.read())
  let page = try? await connection?.run { try await $0.send(.servers).value }
  return page?.items.map(\.name).filter { $0.hasPrefix(prefix) } ?? []
}

extension OdeumClient {
  /// Runs `body`; where there is no such server, the advice is the command that lists them.
  func askingServer<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await orListed(by: "odeum server list", body)
  }
}
