import FoundationEssentials
import Postgres

extension JobQueue {
  /// What asking for a job's end gives.
  public enum CancelAnswer: Sendable, Hashable {
    /// It will end as cancelled once what it did is undone, or go on when it is past its point of no return.
    case requested
    /// It had ended before.
    case alreadyFinal(JobState)
  }

  /// Asks for a job's end. The running step is cancelled, then the steps are undone in reverse.
  ///
  /// Throws `JobNotFound`.
  @discardableResult
  public func cancel(_ id: UUID, in transaction: (any Transaction)? = nil) async throws -> CancelAnswer {
    let statement: SQL = """
      WITH asked AS (
        UPDATE job SET cancel_requested = true,
          run_at = CASE WHEN state = 'running' THEN run_at ELSE least(run_at, now()) END
        WHERE id = \(id) AND state IN ('queued', 'running', 'snoozed')
        RETURNING id, state
      )
      SELECT job.state, asked.id IS NOT NULL AS is_asked,
        CASE WHEN asked.id IS NOT NULL THEN pg_notify(\(JobChannel.cancel), job.id::text) END
      FROM job LEFT JOIN asked ON asked.id = job.id WHERE job.id = \(id)
      """
    guard let row = try await database.runner(in: transaction).query(statement).first else {
      throw JobNotFound(id: id)
    }
    return try row.get("is_asked") ? .requested : .alreadyFinal(try row.get("state"))
  }

  /// Runs at once those jobs on `subjects` of which a step threw `Await`, also those that are about to.
  ///
  /// Returns how many wait.
  @discardableResult
  public func wakeWaiting(on subjects: [UUID]) async throws -> Int {
    let statement: SQL = """
      WITH woken AS (
        UPDATE job SET wakes = wakes + 1, run_at = CASE WHEN state = 'snoozed' THEN now() ELSE run_at END
        WHERE subject = ANY(\(subjects)) AND (state = 'running' OR (state = 'snoozed' AND EXISTS (
          SELECT FROM job_step WHERE job_step.job = job.id AND awaiting_since IS NOT NULL)))
        RETURNING state
      )
      SELECT count(*) FILTER (WHERE state = 'snoozed') AS waiting, pg_notify(\(JobChannel.wake), '') FROM woken
      """
    guard !subjects.isEmpty else { return 0 }
    return try await database.query(statement).first?.get("waiting") ?? 0
  }

  /// Runs a snoozed job at once, also one that is about to snooze. Jobs in other states are not changed.
  public func wake(_ id: UUID, in transaction: (any Transaction)? = nil) async throws {
    let statement: SQL = """
      WITH woken AS (
        UPDATE job SET wakes = wakes + 1, run_at = CASE WHEN state = 'snoozed' THEN now() ELSE run_at END
        WHERE id = \(id) AND state IN ('running', 'snoozed') RETURNING 1
      )
      SELECT pg_notify(\(JobChannel.wake), '') FROM woken
      """
    try await database.runner(in: transaction).query(statement)
  }
}
