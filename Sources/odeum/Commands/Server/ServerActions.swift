import ArgumentParser
import Client

/// `odeum server validate NAME`
typealias ValidateServer = ServerWork<Validating>

/// `odeum server prepare NAME`
typealias PrepareServer = ServerWork<Preparing>

/// A command that has a job done on a server as a whole.
struct ServerWork<Kind: ServerWorkKind>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: Kind.name, abstract: Kind.abstract)
  }

  @OptionGroup var server: ServerArgument
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let asked = try await client.askingServer { try await client.send(Kind.call(server.name)) }
      let job = try await client.wait(for: asked.value, waiting, json: common.json)
      if common.json { try Terminal.output.json(job) }
      guard job.isFinished else { return }
      try job.requireSuccess()
      if !common.json {
        Terminal.output.line("\(Terminal.output.style.done) \(server.name) is ready for instances")
      }
    }
  }
}

/// What `ServerWork` asks for, and how it is called.
protocol ServerWorkKind {
  static var name: String { get }
  static var abstract: String { get }
  static func call(_ server: String) -> API.Call<API.Job>
}

enum Validating: ServerWorkKind {
  static let name = "validate"
  static let abstract = "Look whether a server is fit for instances."
  static func call(_ server: String) -> API.Call<API.Job> { .validateServer(server) }
}

enum Preparing: ServerWorkKind {
  static let name = "prepare"
  static let abstract =
    "Make a bare Debian or Ubuntu fit for instances: Docker, nginx, certbot, restic, curl, git."
  static func call(_ server: String) -> API.Call<API.Job> { .prepareServer(server) }
}

/// `odeum server drain NAME`
typealias DrainServer = SetServerMode<Draining>

/// `odeum server maintenance NAME`
typealias MaintainServer = SetServerMode<Maintaining>

/// `odeum server activate NAME`
typealias ActivateServer = SetServerMode<Activating>

/// A command that says what people want with a server.
struct SetServerMode<Mode: ServerMode>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: Mode.name, abstract: Mode.abstract)
  }

  @OptionGroup var server: ServerArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let answer = try await client.askingServer { try await client.send(Mode.call(server.name)) }
      if common.json { return Terminal.output.json(answer.body) }
      Terminal.output.line("\(Terminal.output.style.done) \(answer.value.name) \(Mode.outcome)")
      guard Mode.isOnTheWayOut else { return }
      let left = try await client.everything { .instances(on: answer.value.id, limit: 200, cursor: $0) }
      guard !left.isEmpty else { return }
      Terminal.output.line("Still on it:")
      Terminal.output.show(ListInstances.table(left, Terminal.output.style))
    }
  }
}

/// What `SetServerMode` sets, and how it is called.
protocol ServerMode {
  static var name: String { get }
  static var abstract: String { get }
  /// What the server does from then on, behind its name.
  static var outcome: String { get }
  /// Whether it is to become empty, so that what is on it is listed.
  static var isOnTheWayOut: Bool { get }
  static func call(_ server: String) -> API.Call<API.Server>
}

extension ServerMode {
  static var isOnTheWayOut: Bool { false }
}

enum Draining: ServerMode {
  static let name = "drain"
  static let abstract = "Keep new instances away from a server."
  static let outcome = "takes no new instances"
  static let isOnTheWayOut = true
  static func call(_ server: String) -> API.Call<API.Server> { .drainServer(server) }
}

enum Maintaining: ServerMode {
  static let name = "maintenance"
  static let abstract = "Keep new instances away, and begin nothing with those that it has."
  static let outcome = "is in maintenance"
  static func call(_ server: String) -> API.Call<API.Server> { .maintainServer(server) }
}

enum Activating: ServerMode {
  static let name = "activate"
  static let abstract = "Take a server into use again."
  static let outcome = "takes new instances"
  static func call(_ server: String) -> API.Call<API.Server> { .activateServer(server) }
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
