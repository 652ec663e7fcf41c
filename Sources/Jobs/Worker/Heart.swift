import FoundationEssentials
import Glibc
import Logging
import Postgres
import Synchronization

/// A worker's sign of life, and its judgement of the others.
final class Heart: Sendable {
  private struct State {
    var worker = UUID.v7()
    var lastBeat = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let queue: JobQueue
  private let database: Database
  private let host: String
  private let keepsLanes: Bool
  private let timing: WorkerTiming
  private let logger: Logger

  init(
    queue: JobQueue, database: Database, host: String, keepsLanes: Bool, timing: WorkerTiming, logger: Logger
  ) {
    self.queue = queue
    self.database = database
    self.host = host
    self.keepsLanes = keepsLanes
    self.timing = timing
    self.logger = logger
  }

  /// Under which number this worker is registered now.
  var worker: UUID { state.withLock { $0.worker } }

  /// Whether others may have taken us for dead: nothing we do is safe then until the heart has beaten.
  var isTooOld: Bool { state.withLock { ContinuousClock.now - $0.lastBeat > timing.deadAfter } }

  /// Enters this worker under a new number.
  func register() async throws {
    let worker = UUID.v7()
    let early = try await queue.bringForward(onlyFromFuture: true)
    if early > 0 { logger.warning("the database's clock has been set back; \(early) jobs go on at once") }
    try await database.execute(
      "INSERT INTO job_worker (id, host, process, keeps_lanes) VALUES (\(worker), \(host), \(getpid()), \(keepsLanes))"
    )
    state.withLock { $0 = State(worker: worker) }
  }

  /// Takes this worker out, so that nobody has to wait for its death.
  func unregister() async {
    do {
      try await database.query(
        """
        WITH me AS (DELETE FROM job_worker WHERE id = \(worker) RETURNING keeps_lanes)
        SELECT pg_notify(\(JobChannel.lanes), '') FROM me WHERE keeps_lanes
        """)
    } catch {
      logger.warning("the worker could not sign off and will be taken for dead: \(error)")
    }
  }

  /// Beats and watches until the task is cancelled. `onDeath` is called when others took this worker for dead;
  /// it has a new number then. `onBeat` is called after each beat.
  func run(onDeath: () -> Void, onBeat: (UUID) async throws -> Void) async {
    var watch = HeartWatch(deadAfter: timing.deadAfter, longestStep: timing.beat * 2)
    var clock = DatabaseClock()
    while (try? await Task.sleep(for: timing.beat)) != nil {
      do {
        let begin = ContinuousClock.now
        let me = worker
        guard let (others, date) = try await beat(me) else {
          logger.warning("this worker was taken for dead; its jobs go on elsewhere and it begins anew")
          onDeath()
          try await register()
          watch.reset()
          continue
        }
        state.withLock { $0.lastBeat = begin }
        if clock.hasJumpedBack(to: date, askedAt: begin, answeredAt: .now) {
          let jobs = try await queue.bringForward()
          logger.warning(
            "the database's clock was set back; \(jobs) jobs that would wait for it go on at once")
        }
        for dead in watch.observe(others, at: begin) {
          let jobs = try await queue.bury(dead.worker, beat: dead.beat)
          logger.notice("worker \(dead.worker) is dead; \(jobs.count) of its jobs go on elsewhere")
        }
        try await sweep()
        try await onBeat(me)
      } catch {
        // While the database is away nobody can beat, so nothing that was seen before proves anything.
        watch.reset()
        if !Task.isCancelled { logger.warning("the worker's heartbeat failed, trying again: \(error)") }
      }
    }
  }

  /// Raises our counter. Returns the others' counters and the time of the database; nil when we are not registered
  /// any more.
  private func beat(_ me: UUID) async throws -> (others: [UUID: Int], date: Date)? {
    let rows = try await database.query(
      """
      WITH me AS (UPDATE job_worker SET beat = beat + 1 WHERE id = \(me) RETURNING id)
      SELECT job_worker.id, job_worker.beat, now() AS date FROM job_worker WHERE EXISTS (SELECT FROM me)
      """)
    guard let date = try rows.first?.get("date", as: Date.self) else { return nil }
    var others: [UUID: Int] = [:]
    for row in rows { others[try row.get("id")] = try row.get("beat", as: Int.self) }
    others[me] = nil
    return (others, date)
  }

  /// Finds jobs that run under nobody, whatever the cause.
  private func sweep() async throws {
    let jobs = try await database.withConnection { try await JobQueue.requeueOrphans(on: $0) }
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
  private var lastLook: ContinuousClock.Instant?
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
    _ beats: [UUID: Int], at now: ContinuousClock.Instant
  ) -> [(worker: UUID, beat: Int)] {
    let step = lastLook.map { min(now - $0, longestStep) } ?? .zero
    lastLook = now
    seen = beats.reduce(into: [:]) { result, entry in
      let former = seen[entry.key].flatMap { $0.beat == entry.value ? $0.stillFor + step : nil }
      result[entry.key] = Seen(beat: entry.value, stillFor: former ?? .zero)
    }
    return seen.filter { $0.value.stillFor >= deadAfter }.map { ($0.key, $0.value.beat) }
  }

  /// Forgets everything seen: it was interrupted.
  mutating func reset() {
    seen = [:]
    lastLook = nil
  }
}
