import FoundationEssentials
import Postgres

extension PostgresJobStore {
  func cancel(_ id: UUID, in transaction: (any Transaction)?) async throws -> JobQueue.CancelAnswer {
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

  func wakeWaiting(on subjects: [UUID]) async throws -> Int {
    let statement: SQL = """
      WITH woken AS (
        UPDATE job SET wakes = wakes + 1, run_at = CASE WHEN state = 'snoozed' THEN now() ELSE run_at END
        WHERE subject = ANY(\(subjects)) AND (state = 'running' OR (state = 'snoozed' AND EXISTS (
          SELECT FROM job_step WHERE job_step.job = job.id AND awaiting_since IS NOT NULL)))
        RETURNING state
      )
      SELECT count(*) FILTER (WHERE state = 'snoozed') AS waiting, pg_notify(\(JobChannel.wake), '') FROM woken
      """
    return try await database.query(statement).first?.get("waiting") ?? 0
  }

  func wake(_ id: UUID, in transaction: (any Transaction)?) async throws {
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
