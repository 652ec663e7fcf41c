import Docker
import Foundation
import Jobs
import Logging
import Postgres
import Remote

/// Watches one server: looks at it, compares, and does what follows.
///
/// Where nothing happens, a tick of the rhythm is one question, and the answer is compared with the one before
/// (`ServerWatch+tick.swift`). Whatever is another one, in the answer or in the database, leads to a look at
/// everything (`ServerWatch+look.swift`), as do Docker's events.
actor ServerWatch {
  let hosting: Hosting
  let server: UUID
  let name: String
  /// Under which this process owns the server.
  let epoch: Int
  let timing: WatchTiming
  let clock = ContinuousClock()
  var reachability: Reachability
  /// What the database was last told to be away; what is not known yet is read from it.
  var told: Reachability.State?
  /// Whether operations may wait for what is there again: at first they may anyhow.
  var owesWake = true
  var loops = CrashLoops()
  /// What closer looks at containers have shown.
  var closerLooks: [String: CloserLook] = [:]
  /// The containers to which something happened since a look began.
  var touched: Set<String> = []
  /// The containers of whose end Docker told since the last look.
  var ended: Set<String> = []
  /// What somebody ordered Docker to do with containers.
  var orders = Orders()
  /// Told of each order, while a look waits for one.
  var onOrder: AsyncStream<Void>.Continuation?
  /// What the list of containers has last shown.
  var lastList: (at: ContinuousClock.Instant, containers: [String: SeenContainer])?
  /// What the last look has shown, where it left nothing to be done; nil where the next one looks at everything.
  var rest: Rest?
  /// What Docker there is; nil where that must be asked.
  var docker: SeenEngine?
  var rota: Rota
  var forgottenSince: [String: ContinuousClock.Instant] = [:]
  var reconnect: Duration
  /// Whether something happened, so that the next look is at everything.
  private var isLookDue = true
  /// The volumes and networks of this installation. Docker does not tell in their events whose they are.
  var parts: Set<String> = []

  /// The requests to measure how much the instances store; the next one waits for the end of the one that is under way.
  let (measurements, measure) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  /// What a closer look at a container has shown.
  struct CloserLook: Sendable {
    var details: SeenContainer.Details
    /// Whether events may have been missed since.
    var isOld = false
  }

  init(
    of server: UUID, _ name: String, under epoch: Int, _ hosting: Hosting,
    _ timing: WatchTiming = WatchTiming()
  ) {
    self.hosting = hosting
    self.server = server
    self.name = name
    self.epoch = epoch
    self.timing = timing
    reachability = Reachability(spread: timing.spread)
    reconnect = timing.reconnect
    rota = Rota(timing, at: clock.now)
  }

  init(of server: Server, under epoch: Int, _ hosting: Hosting, _ timing: WatchTiming = WatchTiming()) {
    self.init(of: server.id, server.name, under: epoch, hosting, timing)
  }

  /// What is known of whether the server answers.
  var state: Reachability.State { reachability.state }
  /// Whether something did not answer and it is not known yet what that means.
  var isInDoubt: Bool { reachability.isInDoubt }

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
        for await _ in self.measurements { try await self.measureStorage() }
      }
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

  /// Has everything looked at, by `ask`, at every event that may concern an instance; goes on after Docker was away.
  private func listen(_ ask: @Sendable () -> Void) async throws {
    while true {
      do {
        guard let server = try await current() else { return }
        let runtime = await hosting.fleet.runtime(on: server.reference, epoch: epoch)
        let events = runtime.engine.events(
          kinds: ["container", "volume", "network"], actions: Self.telling)
        for try await event in events where isOurs(event) {
          orders.note(event)
          if Orders.telling.contains(event.action) {
            // The end itself is another event, which leads to a look.
            if event.action == "stop" { ended.insert(event.id) }
            onOrder?.yield()
            continue
          }
          if event.action == "destroy" { onOrder?.yield() }
          closerLooks[event.id] = nil
          touched.insert(event.id)
          if event.action == "die" { ended.insert(event.id) }
          isLookDue = true
          ask()
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
      for id in closerLooks.keys { closerLooks[id]?.isOld = true }
      orders = Orders()
      docker = nil
      isLookDue = true
      // What does not answer at all is asked in the rhythm only.
      if reachability.state.absence != .unreachable { ask() }
      try await Task.sleep(for: reconnect)
      // With events a look as well: they tell nothing of what happened meanwhile, nor that operations may go on.
      isLookDue = true
      ask()
      let longest = reachability.state.absence == .dockerDown ? timing.reconnect * 2 : timing.rhythm
      reconnect = min(reconnect * 2, longest)
    }
  }

  private static let telling =
    ["create", "die", "start", "destroy", "oom", "update", "rename", "pause", "unpause"] + Orders.telling

  private func isOurs(_ event: EngineEvent) -> Bool {
    guard event.kind == "container" else {
      // Docker does not tell the labels of a volume or network that is new: a look does.
      return event.action == "create" || (event.action == "destroy" && parts.contains(event.id))
    }
    return event.action != "create" && event.attributes[Label.installation] == hosting.installation.uuidString
  }

  /// One look. What goes wrong with it is logged; the next one comes in any case.
  private func lookOrTell() async throws {
    do {
      if isLookDue {
        isLookDue = false
        try await look()
      } else {
        try await tick()
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      rest = nil
      let failure = HostingError(translating: error)
      hosting.logger.log(
        level: failure.code == .internal ? .error : .warning, "\(name) could not be looked at: \(failure)")
    }
  }

  /// The server as it is now; nil where it was removed.
  func current() async throws -> Server? {
    try await hosting.serverStore.get(server, atOnce)
  }

  // MARK: - Whether it answers

  func noteAnswer(_ probe: Reachability.Probe) {
    if reachability.answered(probe) { owesWake = true }
  }

  /// Something did not answer. Asks further questions until one is answered, or it is certain that nothing is.
  ///
  /// - Parameter asked: when the first question was asked that was not answered.
  func findOut(
    _ server: Server, _ runtime: DockerRuntime, since asked: ContinuousClock.Instant
  ) async throws {
    let certain = asked.advanced(by: timing.spread)
    while true {
      let now = clock.now
      try await ask(server, runtime, until: certain > now ? certain : now.advanced(by: timing.patience))
      guard reachability.isInDoubt else { return }
      hosting.logger.info("\(name) did not answer a question; it is asked again")
      let pause = clock.now.advanced(by: timing.rhythm / 3)
      try await Task.sleep(until: certain > clock.now ? min(pause, certain) : pause, clock: clock)
    }
  }

  private enum Reply: Sendable {
    case answered(Reachability.Probe)
    case failed(Reachability.Probe, String)
    case isAnother(Reachability.Probe, String)
    case timeIsOver
  }

  /// Asks Docker for its version and the host for a sign of life, both at once. One that has not answered at `end`
  /// counts as one that failed.
  private func ask(
    _ server: Server, _ runtime: DockerRuntime, until end: ContinuousClock.Instant
  ) async throws {
    let asked = clock.now
    try await withThrowingTaskGroup(of: Reply.self) { group in
      group.addTask { try await Self.reply(.version) { _ = try await runtime.engine.version() } }
      group.addTask { try await Self.reply(.host) { try await runtime.signOfLife() } }
      group.addTask { [clock] in
        try await Task.sleep(until: end, clock: clock)
        return .timeIsOver
      }
      var open: Set<Reachability.Probe> = [.version, .host]
      var hostAnswers = false
      while !open.isEmpty, let reply = try await group.next() {
        switch reply {
        case .answered(.host):
          hostAnswers = true
          open.remove(.host)
        case .answered(let probe):
          noteAnswer(probe)
          open = []
        case .failed(let probe, let reason):
          reachability.failed(probe, reason, asked: asked, at: clock.now)
          open.remove(probe)
        case .isAnother(let probe, let reason):
          reachability.failed(probe, reason, asked: asked, at: clock.now)
          // An alarm, which does not wait for a minute to pass.
          reachability.isNotItself(reason)
          open = []
        case .timeIsOver:
          for probe in open {
            reachability.failed(probe, "It has not answered yet.", asked: asked, at: clock.now)
          }
          open = []
        }
      }
      // After Docker's silence, which tells what the host's answer means.
      if hostAnswers { noteAnswer(.host) }
      // Before what is still asked has ended, which may take its time.
      try await tellAbsence(server)
      group.cancelAll()
    }
  }

  private static func reply(
    _ probe: Reachability.Probe, _ question: () async throws -> Void
  ) async throws -> Reply {
    do {
      try await question()
      return .answered(probe)
    } catch let error as CancellationError {
      throw error
    } catch {
      let reason = HostingError(translating: error).description
      return switch error {
      case SSHError.hostKeyChanged, HostError.connection(.hostKeyChanged): .isAnother(probe, reason)
      default: .failed(probe, reason)
      }
    }
  }

  private func tellAbsence(_ server: Server) async throws {
    guard case .absent(let absence, let reason) = reachability.state, reachability.state != told else {
      return
    }
    let sentence = "\(absence.sentence(server.name)) \(reason)"
    hosting.logger.warning("\(sentence)")
    try await hosting.absenceStore.setAbsent(server.id, absence, reason: sentence)
    told = reachability.state
  }
}
