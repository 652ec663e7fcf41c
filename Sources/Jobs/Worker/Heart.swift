import FoundationEssentials
import Logging
import Synchronization

/// A worker's sign of life, and its judgement of the others.
final class Heart: Sendable {
  private struct State {
    var worker: UUID
    var lastBeat: Duration
    /// Begins with the registration: a jump before the first beat must be seen as well.
    var clock = StoreClock()
  }

  private let state: Mutex<State>
  private let store: any WorkStore
  private let surroundings: TimeAndChance
  private let host: String
  private let keepsLanes: Bool
  private let timing: WorkerTiming
  private let logger: Logger

  init(
    store: any WorkStore, surroundings: TimeAndChance, host: String, keepsLanes: Bool, timing: WorkerTiming,
    logger: Logger
  ) {
    state = Mutex(State(worker: surroundings.uuid(), lastBeat: surroundings.now))
    self.store = store
    self.surroundings = surroundings
    self.host = host
    self.keepsLanes = keepsLanes
    self.timing = timing
    self.logger = logger
  }

  /// Under which number this worker is registered now.
  var worker: UUID { state.withLock { $0.worker } }

  /// Whether others may have taken us for dead: nothing we do is safe then until the heart has beaten.
  var isTooOld: Bool { surroundings.now - state.withLock { $0.lastBeat } > timing.deadAfter }

  /// Enters this worker under a new number.
  func register() async throws {
    let worker = surroundings.uuid()
    // Before it is written: whoever is cut off in between can still take it out.
    state.withLock { $0.worker = worker }
    let begin = surroundings.now
    let registration = try await store.register(worker, host: host, keepsLanes: keepsLanes)
    let early = registration.early
    if early > 0 { logger.warning("the database's clock has been set back; \(early) jobs go on at once") }
    state.withLock { state in
      state.lastBeat = surroundings.now
      _ = state.clock.hasJumpedBack(to: registration.date, askedAt: begin, answeredAt: surroundings.now)
    }
  }

  /// Takes this worker out, so that nobody has to wait for its death.
  func unregister() async {
    do {
      try await store.unregister(worker)
    } catch {
      logger.warning("the worker could not sign off and will be taken for dead: \(error)")
    }
  }

  /// Beats and watches until the task is cancelled. `onDeath` is called when others took this worker for dead;
  /// it has a new number then. `onBeat` is called after each beat, with the store's wall clock.
  func run(onDeath: () -> Void, onBeat: (UUID, Date) async throws -> Void) async {
    var watch = HeartWatch(deadAfter: timing.deadAfter, longestStep: timing.longestLook)
    var looksForEarly = 0
    while (try? await surroundings.sleep(for: timing.beat)) != nil {
      do {
        let begin = surroundings.now
        let me = worker
        guard let beat = try await store.beat(me) else {
          logger.warning("this worker was taken for dead; its jobs go on elsewhere and it begins anew")
          onDeath()
          try await register()
          watch.reset()
          continue
        }
        let hasJumpedBack = state.withLock { state in
          state.lastBeat = begin
          return state.clock.hasJumpedBack(to: beat.date, askedAt: begin, answeredAt: surroundings.now)
        }
        // Once more at the next beat: a transaction that was under way may write a time of the former clock.
        if hasJumpedBack { looksForEarly = 2 }
        if looksForEarly > 0 {
          let jobs = try await store.bringForward()
          looksForEarly -= 1
          logger.warning(
            "the database's clock was set back; \(jobs) jobs that would wait for it go on at once")
        }
        for dead in watch.observe(beat.others, at: begin) {
          let jobs = try await store.bury(dead.worker, beat: dead.beat)
          logger.notice("worker \(dead.worker) is dead; \(jobs.count) of its jobs go on elsewhere")
        }
        try await sweep()
        try await onBeat(me, beat.date)
      } catch {
        // While the database is away nobody can beat, so nothing that was seen before proves anything.
        watch.reset()
        if !Task.isCancelled { logger.warning("the worker's heartbeat failed, trying again: \(error)") }
      }
    }
  }

  /// Finds jobs that run under nobody, whatever the cause.
  private func sweep() async throws {
    let jobs = try await store.releaseOrphans()
    if !jobs.isEmpty { logger.notice("\(jobs.count) jobs ran under no worker and go on") }
  }
}

/// Judges by our own monotonic clock which hearts stand still; no wall clock is compared with another.
struct HeartWatch {
  private struct Seen {
    var beat: Int
    var stillFor: Duration
  }

  private var seen: [UUID: Seen] = [:]
  private var lastLook: Duration?
  let deadAfter: Duration
  /// What one look can add at most: when we were stopped ourselves, or the whole machine was, the time that
  /// passed says nothing about the others.
  let longestStep: Duration

  init(deadAfter: Duration, longestStep: Duration) {
    self.deadAfter = deadAfter
    self.longestStep = longestStep
  }

  /// Notes the counters. Returns the workers whose counter has not changed for too long, with that counter.
  mutating func observe(
    _ beats: [UUID: Int], at now: Duration
  ) -> [(worker: UUID, beat: Int)] {
    let step = lastLook.map { min(now - $0, longestStep) } ?? .zero
    lastLook = now
    seen = beats.reduce(into: [:]) { result, entry in
      let former = seen[entry.key].flatMap { $0.beat == entry.value ? $0.stillFor + step : nil }
      result[entry.key] = Seen(beat: entry.value, stillFor: former ?? .zero)
    }
    return seen.filter { $0.value.stillFor >= deadAfter }.map { ($0.key, $0.value.beat) }.sorted {
      $0.worker < $1.worker
    }
  }

  /// Forgets everything seen: it was interrupted.
  mutating func reset() {
    seen = [:]
    lastLook = nil
  }
}
