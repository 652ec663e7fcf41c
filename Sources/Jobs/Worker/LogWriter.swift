import FoundationEssentials
import Logging
import Postgres
import Synchronization

/// A line on its way into the database.
struct PendingLine: Sendable {
  let job: UUID
  let lease: Int
  let at: Date
  let level: JobLogLevel
  let step: String?
  let position: Int?
  let line: String
}

/// The latest progress of a step on its way into the database.
struct PendingProgress: Sendable {
  let job: UUID
  let lease: Int
  let step: String
  let position: Int
  let fraction: Double
  let text: String
}

/// Collects what running steps say and writes it in few statements, each line once and in order.
actor LogWriter {
  private struct Pending {
    var lines: [PendingLine] = []
    var progress: [UUID: PendingProgress] = [:]
  }

  private nonisolated let pending = Mutex(Pending())
  private nonisolated let arrivals: AsyncStream<Void>
  private nonisolated let arrival: AsyncStream<Void>.Continuation
  private nonisolated let hasGivenUp = Atomic(false)
  private let database: Database
  private let delay: Duration
  private let logger: Logger
  private var flushing: Task<Void, Never>?

  init(database: Database, delay: Duration, logger: Logger) {
    self.database = database
    self.delay = delay
    self.logger = logger
    (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  nonisolated func append(_ line: PendingLine) {
    pending.withLock { $0.lines.append(line) }
    arrival.yield()
  }

  nonisolated func progress(_ progress: PendingProgress) {
    pending.withLock { $0.progress[progress.job] = progress }
    arrival.yield()
  }

  /// From now on, what the database does not take at the first try is lost.
  nonisolated func giveUp() {
    hasGivenUp.store(true, ordering: .releasing)
  }

  /// Writes what has come, a little later than it came, until the task is cancelled.
  func run() async {
    for await _ in arrivals {
      guard (try? await Task.sleep(for: delay)) != nil else { return }
      await flush()
    }
  }

  /// Returns when everything said so far is in the database, or was said by someone who has lost the job.
  func flush() async {
    // One after the other, so that lines keep their order. Each waits for the one before it and for no other: one
    // that looked again and again whether its turn has come would keep the actor from ever saying so.
    let before = flushing
    let task = Task {
      await before?.value
      await write()
    }
    flushing = task
    await task.value
  }

  private func write() async {
    let taken = pending.withLock { pending in
      defer { pending = Pending() }
      return pending
    }
    for start in stride(from: 0, to: taken.lines.count, by: 500) {
      await write(Array(taken.lines[start..<min(start + 500, taken.lines.count)]))
    }
    if !taken.progress.isEmpty { await write(Array(taken.progress.values)) }
  }

  private func write(_ lines: [PendingLine]) async {
    await persist("lines of job logs") {
      try await $0.query(
        """
        WITH new AS (
          SELECT said.*, row_number() OVER (PARTITION BY said.job ORDER BY said.number) AS place
          FROM unnest(
            \(lines.map(\.job)), \(lines.map(\.lease)), \(lines.map(\.at)), \(lines.map(\.level.rawValue)),
            \(lines.map(\.step)), \(lines.map(\.position)), \(lines.map(\.line))
          ) WITH ORDINALITY AS said (job, lease, at, level, step, position, line, number)
          JOIN job ON job.id = said.job AND job.lease = said.lease
        ), last AS (
          SELECT jobs.job, coalesce(max(job_log.seq), 0) AS seq
          FROM (SELECT DISTINCT job FROM new) AS jobs LEFT JOIN job_log ON job_log.job = jobs.job
          GROUP BY jobs.job
        ), written AS (
          INSERT INTO job_log (job, seq, at, level, step, line)
          SELECT new.job, last.seq + new.place, new.at, new.level, new.step, new.line
          FROM new JOIN last ON last.job = new.job
        ), steps AS (
          INSERT INTO job_step (job, position, name, state)
          SELECT DISTINCT job, position, step, 'running' FROM new WHERE step IS NOT NULL
          ON CONFLICT DO NOTHING
        )
        SELECT pg_notify(\(JobChannel.progress), string_agg(job::text, ',')) FROM last
        """)
    }
  }

  private func write(_ progress: [PendingProgress]) async {
    await persist("progress of jobs") {
      try await $0.query(
        """
        WITH written AS (
          INSERT INTO job_step (job, position, name, state, progress, progress_text)
          SELECT said.job, said.position, said.step, 'running', said.fraction, said.text
          FROM unnest(
            \(progress.map(\.job)), \(progress.map(\.lease)), \(progress.map(\.step)),
            \(progress.map(\.position)), \(progress.map(\.fraction)), \(progress.map(\.text))
          ) AS said (job, lease, step, position, fraction, text)
          JOIN job ON job.id = said.job AND job.lease = said.lease
          ON CONFLICT (job, name) DO UPDATE
            SET progress = excluded.progress, progress_text = excluded.progress_text
          RETURNING job
        )
        SELECT pg_notify(\(JobChannel.progress), string_agg(job::text, ',')) FROM written
        """)
    }
  }

  /// Tries until the database takes it. What it refuses for good is dropped, with a word in our own log.
  private func persist(_ what: String, _ write: (Database) async throws -> Void) async {
    while true {
      do {
        return try await write(database)
      } catch let error as any RetryableError
        where error.isRetryable && !hasGivenUp.load(ordering: .acquiring)
      {
        try? await Task.sleep(for: .milliseconds(200))
      } catch {
        logger.error("\(what) could not be written and are lost: \(error)")
        return
      }
    }
  }
}
