import ArgumentParser
import Client

/// `odeum instance …`
struct InstanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instance", abstract: "Odoo environments.",
    subcommands: [
      CreateInstance.self, ListInstances.self, ShowInstance.self, StartInstance.self, StopInstance.self,
      RestartInstance.self, InstanceSettings.self, InstanceLogs.self, InstanceDatabase.self, MailCommand.self,
      RemoveInstance.self,
    ],
    aliases: ["instances"])
}

/// The instance that a command is about.
struct InstanceArgument: ParsableArguments {
  @Argument(
    help: "The instance's name or id.",
    completion: .custom { (_: [String], _: Int, prefix: String) async in await instanceNames(prefix) })
  var name: String
}

/// The names of the instances that begin with `prefix`, for the shell's completion; none where the server is away.
private func instanceNames(_ prefix: String) async -> [String] {
  let connection = try? Connection(context: nil, file: try ContextFile.read())
  let page = try? await connection?.run { try await $0.send(.instances(limit: 200)).value }
  return page?.items.map(\.name).filter { $0.hasPrefix(prefix) } ?? []
}
