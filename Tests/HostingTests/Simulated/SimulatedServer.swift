import Docker
import FoundationEssentials
import Testing

@testable import Hosting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// The server `local` as a simulated machine: everything that happens on it is in memory and takes no time worth
/// mentioning, and what is hard to bring about on a real one is one line.
struct SimulatedServer: Sendable {
  let machine: SimulatedMachine
  let hosting: Hosting
  let person: Actor
  let worker: Worker

  /// A worker that can be exchanged for another one in the middle of its work.
  actor Worker {
    private let hosting: Hosting
    private var work: Task<Void, any Error>

    init(_ hosting: Hosting) {
      self.hosting = hosting
      work = Self.begin(hosting)
    }

    private static func begin(_ hosting: Hosting) -> Task<Void, any Error> {
      Task {
        try await hosting.runWorker(operationsAtOnce: 4, identity: UUID().uuidString, holdsFolder: true)
      }
    }

    func exchange() async {
      await end()
      work = Self.begin(hosting)
    }

    func end() async {
      work.cancel()
      _ = await work.result
    }
  }

  var engine: SimulatedEngine { machine.engine }

  /// Runs `body` with a worker beside it.
  ///
  /// - Parameter writingDown: how long the disk takes to write everything down.
  static func run(
    writingDown: Duration? = nil, _ body: @escaping @Sendable (SimulatedServer) async throws -> Void
  ) async throws {
    try await withHosting { real in
      let machine = SimulatedMachine("local", haste: 400, writingDown: writingDown)
      let hosting = Hosting(
        installation: real.installation, configuration: real.configuration, database: real.database,
        jobs: real.jobs, masterKey: real.masterKey, passwords: real.passwords,
        connector: SimulatedConnector([], local: machine), logger: real.logger)
      let server = SimulatedServer(
        machine: machine, hosting: hosting, person: try await hosting.person(Hosting.firstEmail),
        worker: Worker(hosting))
      do {
        try await body(server)
      } catch {
        await server.worker.end()
        throw error
      }
      await server.worker.end()
      #expect(machine.unknownCommands.isEmpty)
    }
  }

  /// A wish for an instance called `name`.
  func wish(_ name: String = "shop", port: Int? = nil) -> NewInstance {
    var wish = NewInstance(name: name)
    wish.stage = "dev"
    wish.basePort = port
    return wish
  }

  /// Creates an instance and gives what came of it.
  func create(_ wish: NewInstance) async throws -> (state: Operation.State, instance: Instance) {
    let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: person)
    let state = try await HostingTests.end(of: created.operation, hosting, person)
    return (state, try await hosting.instance(wish.name, by: person))
  }

  /// Does `action` while `step` of `operation` is at work, and gives what came of the operation.
  func end(
    of operation: Hosting.Operation, doing step: String, _ action: () async throws -> Void
  ) async throws -> Hosting.Operation.State {
    var (state, isDone) = (operation.state, false)
    for try await event in try await hosting.followOperation(operation.id, by: person) {
      guard case .changed(let operation) = event else { continue }
      state = operation.state
      guard !isDone, operation.steps.contains(where: { $0.name == step && $0.state == .running }) else {
        continue
      }
      isDone = true
      try await action()
    }
    #expect(isDone, "\(step) was not seen at work")
    return state
  }

  /// Returns when `operation` waits, and says so with these words.
  func waits(_ operation: Hosting.Operation, _ words: String) async throws {
    for try await event in try await hosting.followOperation(operation.id, by: person) {
      guard case .changed(let operation) = event else { continue }
      try #require([.queued, .running].contains(operation.state), "\(operation.reason ?? "")")
      if operation.reason?.contains(words) == true { return }
    }
  }

  /// Makes room on the disk, and tells what waits for it.
  func makeRoom() async throws {
    engine.isDiskFull = false
    let server = try await hosting.serverStore.all(atOnce)[0].id
    try await hosting.jobs.wakeWaiting(on: hosting.instanceStore.identities(on: server, atOnce))
  }

  /// The names of what is on the machine, but for what prepared databases need.
  var things: [String] {
    let inventory = engine.inventory
    let prepared = "odeum-prepared-"
    return inventory.containers.map(\.name)
      + inventory.volumes.keys.filter { !$0.hasPrefix(prepared) }.sorted()
      + inventory.networks.keys.sorted()
  }

  /// The lines of an operation's log.
  func log(of instance: Instance) async throws -> [String] {
    guard let job = instance.statusJob else { return [] }
    return try await hosting.operationLog(job, by: person).map(\.text)
  }
}
