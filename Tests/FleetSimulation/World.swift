import Docker
import Foundation
import Jobs
import Logging
import Odoo
import Postgres
import Synchronization

@testable import Hosting
@testable import JobsTesting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// A fleet with its control planes, users who ask for things, and what breaks meanwhile.
final class World: Sendable {
  let plan: SimulationPlan
  let trace = Trace()
  let machines: [SimulatedMachine]
  let database = MemoryDatabase()
  let installation = UUID()
  let organisation = UUID()
  private let masterKey = MasterKey()
  private let jobStore: MemoryJobStore
  var jobs: MemoryJobs { jobStore.jobs }
  let tables: MemoryTables
  let planes = Mutex<[ControlPlane]>([])
  private let planesMade = Mutex(0)
  private let operations = Mutex(0)
  /// When processes were killed.
  let deaths = Mutex<[String: Date]>([:])
  let tally = Mutex<[String: Int]>([:])
  private let violations: Violations
  private let isCalm: Mutex<Bool>
  private let logger: Logger

  init(_ plan: SimulationPlan) {
    self.plan = plan
    isCalm = Mutex(plan.isQuiet)
    let trace = trace
    let violations = Violations(trace)
    self.violations = violations
    let pace = Pace(
      latency: 1...12, losses: plan.isQuiet ? 0 : 0.0005, gate: { try await Gate.present?.pass() })
    machines = (0..<plan.servers).map { number in
      let name = "server-\(number)"
      return SimulatedMachine(
        name, pace: pace, note: { trace.note("\(name) \($0)") },
        trespass: { violations.add($0) })
    }
    jobStore = MemoryJobStore(database)
    let jobs = jobStore
    tables = MemoryTables(
      database, activeJob: { jobs.jobs.active(on: $0, in: $1)?.id },
      isActive: { jobs.jobs.job($0, in: $1).map { !$0.state.isFinal } ?? false })
    let isPrinted = ProcessInfo.processInfo.environment["ODEUM_SIMULATION_LOG"] != nil
    trace.isPrinted = isPrinted
    logger = Logger(label: "simulation") { _ in TraceLog(trace: trace) }
    database.setFault { moment in
      // Whoever is in no process looks on from outside.
      guard let gate = Gate.present else { return }
      try await gate.pass()
      try await Task.sleep(for: .milliseconds(Int.random(in: 1...4)))
      try await gate.pass()
      if !self.calm, Double.random(in: 0..<1) < 0.0003 {
        throw PostgresError(.connectionLost, "the connection was lost at \(moment)")
      }
    }
  }

  var calm: Bool {
    get { isCalm.withLock { $0 } }
    set { isCalm.withLock { $0 = newValue } }
  }

  func count(_ what: String) {
    tally.withLock { $0[what, default: 0] += 1 }
  }

  func violated(_ what: String) {
    violations.add(what)
  }

  /// Something was asked for and accepted. Says now and then how far it is, which is no part of what happens.
  func asked(to what: String) {
    count("asked to \(what)")
    let number = operations.withLock { operations in
      operations += 1
      return operations
    }
    let tenth = max(1_000, plan.operations / 10)
    guard number.isMultiple(of: tenth) else { return }
    let seconds = Int(Date().timeIntervalSince1970) - SimulatedClock.beginning
    FileHandle.standardOutput.write(Data("\(number) operations, \(seconds) s of virtual time\n".utf8))
  }

  // MARK: - From beginning to end

  func run() async -> SimulationReport {
    do {
      try await makeServers()
      for _ in 0..<plan.processes { startPlane() }
      let chaos = Task { await Chaos(world: self).run() }
      let rounds = Task { await Rounds(world: self).run() }
      await Users(world: self).run()
      chaos.cancel()
      await chaos.value
      calm = true
      await Chaos(world: self).mend()
      await settle()
      rounds.cancel()
      await rounds.value
      try await Audit(world: self).run()
    } catch {
      violated("the simulation itself failed: \(error)")
    }
    return report()
  }

  private func report() -> SimulationReport {
    var lines = tally.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.value)\t\($0.key)" }
    lines.append("\(Int(Date().timeIntervalSince1970) - SimulatedClock.beginning)\tseconds of virtual time")
    let unknown = Set(machines.flatMap { $0.unknownCommands }).sorted()
    for command in unknown.prefix(5) { violated("a command that is not simulated: \(command)") }
    return SimulationReport(violations: violations.all, lines: lines, trace: trace.end())
  }

  private func makeServers() async throws {
    let store = MemoryServerStore(tables: tables)
    let queue = JobQueue(store: jobStore, logger: logger)
    for machine in machines {
      let server = Server(
        id: UUID(), name: machine.name, kind: .ssh, organisationID: organisation, sharedWith: [],
        address: machine.name,
        access: ServerAccess(port: 22, user: "root", hostKeys: [], publicKey: ""), exposed: false,
        mode: .active,
        stagePolicy: .allow, note: "", status: .ready, statusReason: "Docker answers.", validatedAt: Date(),
        facts: ServerFacts(
          cores: 4, memoryMB: 640_000, memoryAvailableMB: 600_000, diskMB: 400_000, diskFreeMB: 200_000),
        load: ServerLoad())
      try await database.transaction { transaction in
        try await store.insert(server, privateKey: Data(), transaction)
        try await queue.addLane(server.id, in: transaction)
      }
    }
  }

  // MARK: - Control planes

  func startPlane() {
    let number = planesMade.withLock { number in
      number += 1
      return number
    }
    var configuration = HostingConfiguration()
    configuration.machine = "machine-\(number)"
    let local = SimulatedMachine("local-\(number)", pace: Pace())
    // Nothing of a simulation asks PostgreSQL.
    guard let unused = try? PostgresConfiguration(url: "postgresql:///unused") else {
      return violated("there is no form of an address of a database")
    }
    let none = Database(unused, connections: 1, logger: logger)
    let hosting = Hosting(
      installation: installation, configuration: configuration, database: none,
      jobs: JobQueue(store: jobStore, logger: logger), masterKey: masterKey,
      passwords: PasswordHasher(cost: 1, parallelism: 1), stores: tables.stores,
      connector: SimulatedConnector(machines, local: local), logger: logger)
    let plane = ControlPlane(number, hosting)
    planes.withLock { $0.append(plane) }
    plane.start()
    trace.note("process \(number) starts")
  }

  /// kill -9.
  func kill(_ plane: ControlPlane) {
    plane.kill()
    deaths.withLock { $0[plane.identity] = Date() }
    planes.withLock { $0.removeAll { $0 === plane } }
  }

  /// One that runs, chosen by chance.
  var anyPlane: ControlPlane? {
    planes.withLock { $0.filter { $0.gate.condition == .runs } }.randomElement()
  }

  var person: Actor {
    Actor(
      userID: organisation, email: "person@example.com", organisationID: organisation,
      organisationSlug: "example", role: .owner, isOperator: true, door: .api)
  }

  // MARK: - Convergence

  /// Waits until nothing is under way; what failed is started again or removed, as a person would.
  private func settle() async {
    for _ in 0..<12 {
      guard await awaitIdleness() else { return violated("operations are under way after 12 quiet hours") }
      let failed = await livingInstances().filter { ![.running, .stopped].contains($0.status) }
      guard !failed.isEmpty else { return }
      for instance in failed {
        await Users(world: self).mend(instance)
      }
    }
    for instance in await livingInstances() where ![.running, .stopped].contains(instance.status) {
      violated("\(instance.name) stays \(instance.status.rawValue): \(instance.statusReason)")
    }
  }

  private func awaitIdleness() async -> Bool {
    let end = Date().addingTimeInterval(12 * 3600)
    while Date() < end {
      // Twice the watchers' rhythm, so that they have seen the world as it is.
      try? await Task.sleep(for: .seconds(60))
      let busy = await livingInstances().contains { $0.activeJob != nil }
      // Where something is broken already, what is stuck would only make the end come late.
      if !busy || !violations.all.isEmpty { return true }
    }
    for instance in await livingInstances() where instance.activeJob != nil {
      violated("\(instance.name) has a job under way for ever: \(instance.statusReason)")
    }
    return false
  }

  /// One of the living instances, chosen by chance, and how many there are.
  func anyInstance() async -> (instance: Instance?, count: Int) {
    let tables = tables
    do {
      return try await database.transaction { transaction in
        let all = tables.places.all(in: transaction)
        let row = all.randomElement().flatMap { tables.row($0.key, transaction) }
        return (row.map { tables.instance($0, transaction) }, all.count)
      }
    } catch {
      violated("the instances could not be read: \(error)")
      return (nil, 0)
    }
  }

  func livingInstances() async -> [Instance] {
    let tables = tables
    do {
      return try await database.transaction { transaction in
        tables.servers.all(in: transaction).flatMap { tables.all(on: $0.key, transaction) }
          .map { tables.instance($0, transaction) }
      }
    } catch {
      violated("the instances could not be read: \(error)")
      return []
    }
  }
}

/// Puts what the domain logs into the trace.
private struct TraceLog: LogHandler {
  let trace: Trace
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    trace.note("\(event.level): \(event.message)")
  }
}
