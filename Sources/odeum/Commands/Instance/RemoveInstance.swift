import ArgumentParser
import Client

/// `odeum instance rm NAME`
struct RemoveInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove an instance with its database and files.")

  @OptionGroup var instance: InstanceArgument

  @Flag(name: [.short, .long], help: "Do not ask.")
  var yes = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let found = try await client.asking(about: instance.name) {
        try await client.send(.instance(instance.name))
      }
      let name = found.value.name
      if !yes { try confirm(found.value) }
      let asked = try await client.send(.removeInstance(name))
      let job = try await client.wait(for: asked.value, waiting, json: common.json)
      if common.json { try Terminal.output.json(job) }
      guard job.isFinished else { return }
      try job.requireSuccess()
      if !common.json { Terminal.output.line("\(Terminal.output.style.done) \(name) is removed") }
    }
  }

  private func confirm(_ instance: API.Instance) throws {
    try Prompt.confirm(
      removing: instance.name,
      saying:
        "This removes \(instance.name) (\(instance.stage), on \(instance.server.name)) with its database and "
        + "files, for good.", unasked: "odeum instance rm \(instance.name) --yes")
  }
}
