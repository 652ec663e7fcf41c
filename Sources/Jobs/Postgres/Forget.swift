import FoundationEssentials
import Postgres

extension JobQueue {
  /// Removes jobs that ended longer ago than `age`, the oldest first, with their steps, logs and idempotency keys.
  ///
  /// - Parameters:
  ///   - kept: a query for the numbers of jobs that stay.
  ///   - most: how many are removed at most.
  /// - Returns: how many were.
  public static func forget(endedFor age: Duration, except kept: SQL, atMost most: Int, in database: Database)
    async throws -> Int
  {
    try await database.execute(
      """
      DELETE FROM job WHERE id IN (
        SELECT id FROM job
        WHERE finished_at < now() - make_interval(secs => \(Double(age.components.seconds)))
          AND id NOT IN (\(kept))
        ORDER BY id LIMIT \(most) FOR UPDATE SKIP LOCKED)
      """)
  }
}
