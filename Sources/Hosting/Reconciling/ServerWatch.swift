import Docker
import Foundation
import Jobs
import Logging
import Postgres

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
  var reachability = Reachability()
  /// What the database was last told to be away; what is not known yet is read from it.
  var told: Reachability.State?
  /// Whether operations may wait for what is there again: at first they may anyhow.
  var owesWake = true
  var loops = CrashLoops()
  /// What closer looks at containers have shown.
  var closerLooks: [String: CloserLook] = [:]
  /// The containers to which something happened since a look began.
  var touched: Set<String> = []
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
    reconnect = timing.reconnect
    rota = Rota(timing, at: clock.now)
  }

  init(of server: Server, under epoch: Int, _ hosting: Hosting, _ timing: WatchTiming = WatchTiming()) {
    self.init(of: server.id, server.name, under: epoch, hosting, timing)
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

  /// Has everything looked at, by `ask`, at every event that may concern an instance; goes on after Docker was away.
  private func listen(_ ask: @Sendable () -> Void) async throws {
    while true {
      do {
        guard let server = try await current() else { return }
        let runtime = await hosting.fleet.runtime(on: server.reference, epoch: epoch)
        let events = runtime.engine.events(
          kinds: ["container", "volume", "network"], actions: Self.telling)
        for try await event in events where isOurs(event) {
          closerLooks[event.id] = nil
          touched.insert(event.id)
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
      docker = nil
      isLookDue = true
      // What does not answer at all is asked in the rhythm only.
      if reachability.state.absence != .unreachable { ask() }
      try await Task.sleep(for: reconnect)
      let longest = reachability.state.absence == .dockerDown ? timing.reconnect * 2 : timing.rhythm
      reconnect = min(reconnect * 2, longest)
    }
  }

  private static let telling = [
    "die", "start", "destroy", "oom", "update", "rename", "pause", "unpause",
  ]

  private func isOurs(_ event: EngineEvent) -> Bool {
    guard event.kind == "container" else { return event.action == "destroy" && parts.contains(event.id) }
    return event.attributes[Label.installation] == hosting.installation.uuidString
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
    try await hosting.serverStore.get(server, hosting.database)
  }

  // MARK: - Whether it answers

  func noteAnswer(_ probe: Reachability.Probe) {
    if reachability.answered(probe) { owesWake = true }
  }

  /// A question to Docker was not answered. Two further ones tell what is away.
  func didNotAnswer(_ server: Server, _ runtime: DockerRuntime, _ error: any Error) async throws {
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
    try await ServerAbsenceStore().setAbsent(server.id, absence, reason: sentence, hosting.database)
    told = reachability.state
  }
}
