import ArgumentParser
import Client

/// `odeum server validate NAME`
struct ValidateServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Look whether a server is fit for instances.")

  @OptionGroup var server: ServerArgument
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.act(onServer: server.name, waiting, .validateServer(server.name))
  }
}

/// `odeum server prepare NAME`
struct PrepareServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a bare Debian or Ubuntu fit for instances: Docker, nginx, certbot, restic, curl, git.")

  @OptionGroup var server: ServerArgument
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.act(onServer: server.name, waiting, .prepareServer(server.name))
  }
}

/// `odeum server drain NAME`
struct DrainServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "Keep new instances away from a server.")

  @OptionGroup var server: ServerArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.setMode(.drainServer(server.name), "takes no new instances")
  }
}

/// `odeum server maintenance NAME`
struct MaintainServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintenance", abstract: "Keep new instances away, and begin nothing with those that it has."
  )

  @OptionGroup var server: ServerArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.setMode(.maintainServer(server.name), "is in maintenance")
  }
}

/// `odeum server activate NAME`
struct ActivateServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Take a server into use again.")

  @OptionGroup var server: ServerArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.setMode(.activateServer(server.name), "takes new instances")
  }
}

/// `odeum server placement`
struct PlaceInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placement", abstract: "Say where a new instance goes best, and why.")

  @Option(help: "production, staging or dev.")
  var stage = "production"

  @Option(help: ArgumentHelp("Its worker processes.", valueName: "n"))
  var workers: Int?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.placement(stage: stage, workers: workers)) }
    if common.json { return Terminal.output.json(answer.body) }
    let style = Terminal.output.style
    for place in answer.value.items {
      Terminal.output.line("\(place.possible ? style.done : style.failed) \(style(place.server.name, .bold))")
      for reason in place.reasons { Terminal.output.line("    \(Columns.harmless(reason))") }
      for warning in place.warnings {
        Terminal.output.line("    \(style(Columns.harmless(warning), .yellow))")
      }
    }
  }
}

/// `odeum server rm NAME`
struct RemoveServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Take a server out of the installation; nothing is changed on it.",
    discussion: """
      A server with instances is refused. --force is for a machine that is gone for good: it does not answer, none of \
      its instances is in production, and their records are thrown away with it.
      """)

  @OptionGroup var server: ServerArgument

  @Flag(help: "The machine is gone for good: throw the records of its instances away.")
  var force = false

  @Flag(name: [.short, .long], help: "Do not ask.")
  var yes = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let found = try await client.askingServer { try await client.send(.server(server.name)) }.value
      if !yes { try confirm(found) }
      _ = try await client.send(.removeServer(server.name, force: force))
      if !common.json { Terminal.output.line("\(Terminal.output.style.done) \(found.name) is removed") }
    }
  }

  private func confirm(_ server: API.Server) throws {
    try Prompt.confirm(
      removing: server.name,
      saying: force && server.instances > 0
        ? "This forgets \(server.name) and \(server.instances) instances on it, for good."
        : "This takes \(server.name) (\(server.address)) out of the installation.",
      unasked: "odeum server rm \(server.name)\(force ? " --force" : "") --yes")
  }
}

extension CommonOptions {
  /// Sends `call`, waits for its job where asked, and says what came of it.
  fileprivate func act(
    onServer name: String, _ waiting: WaitOptions, _ call: API.Call<API.Job>
  ) async throws {
    try await connected { client in
      let asked = try await client.askingServer { try await client.send(call) }
      let job = try await client.wait(for: asked.value, waiting, json: json)
      if json { try Terminal.output.json(job) }
      guard job.isFinished else { return }
      try job.requireSuccess()
      if !json { Terminal.output.line("\(Terminal.output.style.done) \(name) is ready for instances") }
    }
  }

  fileprivate func setMode(_ call: API.Call<API.Server>, _ outcome: String) async throws {
    let answer = try await connected { client in
      try await client.askingServer { try await client.send(call) }
    }
    if json { return Terminal.output.json(answer.body) }
    Terminal.output.line("\(Terminal.output.style.done) \(answer.value.name) \(outcome)")
  }
}
