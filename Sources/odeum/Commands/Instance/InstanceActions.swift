import ArgumentParser
import Client

/// `odeum instance start NAME`
struct StartInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "start", abstract: "Start a stopped instance.")

  @OptionGroup var instance: InstanceArgument
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.act(on: instance.name, waiting, .startInstance(instance.name)) { instance in
      "\(instance.name) is running at \(instance.url)"
    }
  }
}

/// `odeum instance stop NAME`
struct StopInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop an instance; its database, files and settings stay.")

  @OptionGroup var instance: InstanceArgument
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.act(on: instance.name, waiting, .stopInstance(instance.name)) { "\($0.name) is stopped" }
  }
}

/// `odeum instance restart NAME`
struct RestartInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Restart Odoo, or with --hard make the containers anew.")

  @OptionGroup var instance: InstanceArgument

  @Flag(help: "Make the containers anew; changed limits need it. Database and files stay.")
  var hard = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let call = try API.Call.restartInstance(instance.name, mode: hard ? "hard" : "soft")
    try await common.act(on: instance.name, waiting, call) { "\($0.name) is running at \($0.url)" }
  }
}

extension CommonOptions {
  /// Sends `call`, waits for its job where asked, and says with `outcome` what came of it.
  func act(
    on name: String, _ waiting: WaitOptions, _ call: API.Call<API.Job>,
    outcome: @Sendable (API.Instance) -> String
  ) async throws {
    try await connected { client in
      let asked = try await client.asking(about: name) { try await client.send(call) }
      let job = try await client.wait(for: asked.value, waiting, json: json)
      if json { try Terminal.output.json(job) }
      if job.isFinished {
        try job.requireSuccess()
        guard !json else { return }
        let instance = try await client.send(.instance(name)).value
        Terminal.output.line("\(Terminal.output.style.done) \(outcome(instance))")
      }
    }
  }
}
