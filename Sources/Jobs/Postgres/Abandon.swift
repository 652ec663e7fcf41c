import FoundationEssentials
import Postgres

extension JobQueue {
  /// Ends every job that has not ended, without undoing anything: for a database that was taken back to an earlier
  /// time, where nobody knows what has become of them since. What had begun is failed, what had not is cancelled,
  /// both for that reason, which their logs end with. Workers are forgotten.
  ///
  /// Of the kinds `forgotten` nothing is told: such jobs are removed, and with them the keys under which they are asked
  /// for again.
  ///
  /// To be called before any worker runs on the database. Returns the jobs that were ended.
  @discardableResult
  public static func abandonAll(
    because reason: String, forgetting forgotten: [String] = [], on connection: Connection
  ) async throws -> [UUID] {
    try await connection.execute("DELETE FROM job_worker")
    try await connection.execute(
      "DELETE FROM job WHERE kind = ANY(\(forgotten)) AND state IN ('queued', 'running', 'snoozed')")
    let ended: [UUID] = try await connection.query(
      """
      UPDATE job SET state = CASE WHEN started_at IS NULL THEN 'cancelled' ELSE 'failed' END,
        reason = \(reason), finished_at = now(), worker = NULL, waits_for = NULL, lease = lease + 1
      WHERE state IN ('queued', 'running', 'snoozed')
      RETURNING id
      """
    ).map { try $0.get("id") }
    try await connection.execute(
      """
      UPDATE job_step SET state = 'failed', finished_at = now()
      WHERE job = ANY(\(ended)) AND state IN ('running', 'waiting')
      """)
    try await connection.execute(
      """
      INSERT INTO job_log (job, seq, at, level, line)
      SELECT id, (SELECT coalesce(max(seq), 0) + 1 FROM job_log WHERE job = id), now(), 'warning', \(reason)
      FROM unnest(\(ended)) AS id
      """)
    return ended
  }
}
