import Docker
import Foundation
import Jobs
import Logging
import Postgres

/// Watches one server: looks at it, compares, and does what follows.
actor ServerWatch {
  let hosting: Hosting
  let server: UUID
  let name: String
  /// Under which this process owns the server.
  let epoch: Int
  let timing: WatchTiming
  private let clock = ContinuousClock()
  private var reachability = Reachability()
  /// What the database was last told to be away; what is not known yet is read from it.
  private var told: Reachability.State?
  /// Whether operations may wait for what is there again: at first they may anyhow.
  private var owesWake = true
  private var loops = CrashLoops()
  /// What closer looks at containers have shown, and how the container was described then.
  private var closerLooks: [String: (summary: String, details: SeenContainer.Details)] = [:]
  private var forgottenSince: [String: ContinuousClock.Instant] = [:]
  private var factsAt: ContinuousClock.Instant?
  private var foldersAt: ContinuousClock.Instant?
  private var reconnect: Duration

  init(of server: Server, under epoch: Int, _ hosting: Hosting, _ timing: WatchTiming = WatchTiming()) {
    self.hosting = hosting
    self.server = server.id
    name = server.name
    self.epoch = epoch
    self.timing = timing
    reconnect = timing.reconnect
  }

  /// What is known of whether the server answers.
  var state: Reachability.State { reachability.state }

  func run() async throws {
    let (looks, ask) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup { group in
      group.addTask {
        while true {
          ask.yield()
          try await Task.sleep(for: self.timing.rhythm)
        }
      }
      group.addTask { try await self.listen { ask.yield() } }
      group.addTask {
        for await _ in looks {
          try await self.lookOrTell()
          try await Task.sleep(for: self.timing.quiet)
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Calls `noticed` at every event that may concern an instance; goes on after Docker was away.
  private func listen(_ noticed: @Sendable () -> Void) async throws {
    while true {
      do {
        guard let server = try await current() else { return }
        let runtime = await hosting.fleet.runtime(on: server.reference, epoch: epoch)
        let ours: [String: String?] = [Label.installation: hosting.installation.uuidString]
        for try await event in runtime.engine.events(labels: ours, kinds: ["container"])
        where Self.telling.contains(event.action) {
          closerLooks[event.id] = nil
          noticed()
        }
        try Task.checkCancellation()
        reachability.failed(.events, "Docker's events broke off.", at: clock.now)
      } catch let error as CancellationError {
        throw error
      } catch let error as PostgresError {
        hosting.logger.debug("What \(name) is could not be read: \(error)")
      } catch {
        reachability.failed(.events, HostingError(translating: error).description, at: clock.now)
      }
      // What does not answer at all is asked in the rhythm only.
      if reachability.state.absence != .unreachable { noticed() }
      try await Task.sleep(for: reconnect)
      let longest = reachability.state.absence == .dockerDown ? timing.reconnect * 2 : timing.rhythm
      reconnect = min(reconnect * 2, longest)
    }
  }

  private static let telling: Set = [
    "die", "start", "destroy", "oom", "update", "rename", "pause", "unpause",
  ]

  /// One look. What goes wrong with it is logged; the next one comes in any case.
  private func lookOrTell() async throws {
    do {
      try await look()
    } catch let error as CancellationError {
      throw error
    } catch {
      let failure = HostingError(translating: error)
      hosting.logger.log(
        level: failure.code == .internal ? .error : .warning, "\(name) could not be looked at: \(failure)")
    }
  }

  /// The server as it is now; nil where it was removed.
  private func current() async throws -> Server? {
    try await hosting.serverStore.get(server, atOnce)
  }

  // MARK: - Looking

  /// Looks at the server, compares with the database, and does what follows.
  func look() async throws {
    guard let server = try await current() else { return }
    if told == nil {
      let known = try await hosting.absenceStore.known(of: server.id, atOnce)
      reachability = Reachability(known)
      told = known
    }
    let runtime = await hosting.fleet.runtime(on: server.reference, epoch: epoch)
    let seen: SeenServer
    do {
      seen = try await see(runtime)
    } catch let error as CancellationError {
      throw error
    } catch {
      return try await didNotAnswer(server, runtime, error)
    }
    try await answered(server, runtime)
    // Read again: the facts are new.
    guard let server = try await current() else { return }
    var recorded = try await hosting.recorded(of: server, runtime, seen: seen)
    var findings = Reconciliation.plan(database: recorded, seen: seen)
    if findings.contains(where: \.needsConfirmation) {
      try await Task.sleep(for: timing.confirmation)
      var again = try await see(runtime)
      again.folders = again.folders ?? seen.folders
      recorded = try await hosting.recorded(of: server, runtime, seen: again)
      let first = Set(findings)
      findings = Reconciliation.plan(database: recorded, seen: again).filter {
        !$0.needsConfirmation || first.contains($0)
      }
    }
    let things = Set(seen.things)
    let strays = findings.compactMap { if case .stray(let thing) = $0 { thing } else { nil } }
      .filter(things.contains)
    try await hosting.strayStore.note(strays, on: server.id, withFolders: seen.folders != nil)
    findings = findings.filter { isDue($0) }
    await Reconciler(hosting: hosting, server: server, runtime: runtime, recorded: recorded).carryOut(
      findings)
  }

  /// Everything on the server, with a closer look at those containers that changed since the last one.
  private func see(_ runtime: DockerRuntime) async throws -> SeenServer {
    let now = clock.now
    let withFolders = foldersAt.map { $0.duration(to: now) >= timing.folders } ?? true
    var seen = try await runtime.see(folders: withFolders)
    if withFolders { foldersAt = now }
    let present = Set(seen.containers.map(\.thing.id))
    closerLooks = closerLooks.filter { present.contains($0.key) }
    loops.keep(present)
    let wanting = seen.containers.filter {
      $0.thing.instance != nil
        && (closerLooks[$0.thing.id]?.summary != $0.summary || $0.changedJustNow)
    }
    let looked = try await runtime.lookCloser(at: wanting)
    for container in wanting {
      closerLooks[container.thing.id] = looked[container.thing.id].map { (container.summary, $0) }
    }
    for index in seen.containers.indices {
      let id = seen.containers[index].thing.id
      seen.containers[index].details = closerLooks[id]?.details
      if let count = closerLooks[id]?.details.restarts { loops.note(id, count: count, at: now) }
    }
    seen.restarts = loops.restarts(at: now)
    return seen
  }

  /// A prepared database that nobody knows is left alone for a while.
  private func isDue(_ finding: Finding) -> Bool {
    guard case .forgottenPreparation(let key) = finding else { return true }
    let since = forgottenSince[key] ?? clock.now
    forgottenSince[key] = since
    guard since.duration(to: clock.now) >= timing.preparedGrace else { return false }
    forgottenSince[key] = nil
    return true
  }

  // MARK: - Whether it answers

  private func answered(_ server: Server, _ runtime: DockerRuntime) async throws {
    noteAnswer(.list)
    reconnect = timing.reconnect
    let now = clock.now
    if told != .present { hosting.logger.notice("\(name) answers again") }
    if told != .present || factsAt.map({ $0.duration(to: now) >= timing.rhythm / 2 }) ?? true {
      var facts: ServerFacts?
      do {
        facts = try await runtime.look()
        factsAt = now
      } catch let error as CancellationError {
        throw error
      } catch {
        reachability.failed(.host, HostingError(translating: error).description, at: now)
        hosting.logger.warning(
          "How full \(name) is could not be found out: \(HostingError(translating: error))")
      }
      try await hosting.absenceStore.setPresent(server.id, facts: facts)
      told = .present
    }
    guard owesWake else { return }
    let waiting = try await hosting.jobs.wakeWaiting(
      on: hosting.instanceStore.all(on: server.id, atOnce).map(\.id))
    owesWake = false
    if waiting > 0 { hosting.logger.notice("\(waiting) operations that waited for \(name) go on") }
  }

  private func noteAnswer(_ probe: Reachability.Probe) {
    if reachability.answered(probe) { owesWake = true }
  }

  /// The list did not come. Two further questions tell what is away.
  private func didNotAnswer(_ server: Server, _ runtime: DockerRuntime, _ error: any Error) async throws {
    reachability.failed(.list, HostingError(translating: error).description, at: clock.now)
    do {
      _ = try await runtime.engine.version()
      noteAnswer(.version)
    } catch let error as CancellationError {
      throw error
    } catch {
      reachability.failed(.version, HostingError(translating: error).description, at: clock.now)
      if let reason = try await runtime.hostAnswers() {
        reachability.failed(.host, reason, at: clock.now)
      } else {
        noteAnswer(.host)
      }
    }
    guard case .absent(let absence, let reason) = reachability.state else {
      hosting.logger.info("\(name) did not answer a question; it is asked again: \(error)")
      return
    }
    guard reachability.state != told else { return }
    let sentence = "\(absence.sentence(server.name)) \(reason)"
    hosting.logger.warning("\(sentence)")
    try await hosting.absenceStore.setAbsent(server.id, absence, reason: sentence)
    told = reachability.state
  }
}
