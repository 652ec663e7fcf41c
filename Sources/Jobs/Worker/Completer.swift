import FoundationEssentials
import Logging
import Postgres
import Synchronization

/// Finishes plain jobs that succeeded, as many as have come together since the last statement.
final class Completer: Sendable {
  private let done = Mutex<[(id: UUID, lease: Int)]>([])
  private let arrivals: AsyncStream<Void>
  private let arrival: AsyncStream<Void>.Continuation
  private let database: Database
  private let logger: Logger
  private let unwrittenJobs = Atomic(0)
  private let onWritten: @Sendable () -> Void

  /// A NOTIFY may have 8,000 bytes, and a job's number takes 37.
  private static let batch = 200

  /// `onWritten` is called after each statement, when there is room for more.
  init(database: Database, logger: Logger, onWritten: @escaping @Sendable () -> Void) {
    self.database = database
    self.logger = logger
    self.onWritten = onWritten
    (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// How many jobs are done and not yet written. Were they without limit, the death of the worker would do as many
  /// again.
  var unwritten: Int { unwrittenJobs.load(ordering: .acquiring) }

  /// Notes that a job is done; it counts only if the job is still ours when it is written.
  func append(_ id: UUID, lease: Int) {
    unwrittenJobs.add(1, ordering: .acquiringAndReleasing)
    done.withLock { $0.append((id, lease)) }
    arrival.yield()
  }

  /// Writes until `end` was called and everything is written.
  func run() async {
    for await _ in arrivals { await flush() }
    await flush()
  }

  func end() {
    arrival.finish()
  }

  private func flush() async {
    while true {
      let batch = done.withLock { done in
        let batch = Array(done.prefix(Self.batch))
        done.removeFirst(batch.count)
        return batch
      }
      if batch.isEmpty { return }
      await write(batch)
      unwrittenJobs.subtract(batch.count, ordering: .acquiringAndReleasing)
      onWritten()
    }
  }

  private func write(_ batch: [(id: UUID, lease: Int)]) async {
    // A worker is set exactly while the job runs. Asking for the state instead would lead the planner to the index
    // of running jobs, which its statistics often take for empty.
    let statement: SQL = """
      WITH done AS (
        UPDATE job SET state = 'succeeded', worker = NULL, finished_at = now()
        FROM unnest(\(batch.map(\.id)), \(batch.map(\.lease))) AS ended (id, lease)
        WHERE job.id = ended.id AND job.lease = ended.lease AND job.worker IS NOT NULL
        RETURNING job.id, job.superseded_by
      ), freed AS (
        UPDATE job SET waits_for = NULL, run_at = least(run_at, now()) FROM done
        WHERE done.superseded_by IS NOT NULL AND job.waits_for = done.id
        RETURNING pg_notify(\(JobChannel.wake), '')
      )
      SELECT pg_notify(\(JobChannel.progress), string_agg(id::text, ',')) FROM done
      """
    var pause = Duration.milliseconds(50)
    while true {
      do {
        try await database.query(statement)
        return
      } catch {
        // Nothing else may be done with these jobs, so this goes on for as long as the worker does.
        if Task.isCancelled { return logger.error("\(batch.count) finished jobs will run again: \(error)") }
        logger.warning("\(batch.count) jobs are done but could not be finished, trying again: \(error)")
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(2))
      }
    }
  }
}
