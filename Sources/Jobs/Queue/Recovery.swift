import FoundationEssentials
import Postgres

extension JobQueue {
  /// Hands back the jobs of all workers of a host at once. To be called by a process that holds the exclusive
  /// lock of the host's data folder, which proves that the former process is dead.
  ///
  /// Returns the jobs that wait for a worker again.
  @discardableResult
  public func releaseWorkers(of host: String) async throws -> [UUID] {
    try await database.transaction { connection in
      try await connection.execute("DELETE FROM job_worker WHERE host = \(host)")
      return try await Self.requeueOrphans(on: connection)
    }
  }

  /// Declares a worker dead unless its heart has beaten since, and hands back its jobs.
  func bury(_ worker: UUID, beat: Int) async throws -> [UUID] {
    try await database.transaction { connection in
      try await connection.execute("DELETE FROM job_worker WHERE id = \(worker) AND beat = \(beat)")
      return try await Self.requeueOrphans(on: connection)
    }
  }

  /// After the database's clock has jumped back: what waits for a time that was meant by the former clock goes on at
  /// once. Too early does no harm, and how much too late it would be, nobody knows. Only jobs that were asked for at a
  /// time of their own still wait for that one.
  ///
  /// - Parameter onlyFromFuture: leaves what may have been written by the present clock.
  /// - Returns: how many jobs.
  func bringForward(onlyFromFuture: Bool = false) async throws -> Int {
    try await database.query(
      """
      WITH early AS (
        UPDATE job SET run_at = now()
        WHERE state IN ('queued', 'snoozed') AND run_at > now() AND (started_at IS NOT NULL OR run_at <= created_at)
          AND (NOT \(onlyFromFuture) OR greatest(created_at, started_at) > now() OR EXISTS (
            SELECT FROM job_step WHERE job_step.job = job.id AND left_at > now()))
        RETURNING id
      )
      SELECT id, pg_notify(\(JobChannel.wake), '') FROM early
      """
    ).count
  }

  /// Jobs that run under no registered worker wait again, with a raised token that shuts out whoever still
  /// believes to run them. A statement of its own after the removal of a worker, so that it sees claims which
  /// that removal had to wait for.
  static func requeueOrphans(on connection: Connection) async throws -> [UUID] {
    try await connection.query(
      """
      WITH orphans AS (
        UPDATE job SET state = 'queued', worker = NULL, lease = lease + 1, run_at = now(),
          interruptions = interruptions + 1, reason = 'its worker died'
        WHERE state = 'running' AND NOT EXISTS (SELECT FROM job_worker WHERE job_worker.id = job.worker)
        RETURNING id
      )
      SELECT id, pg_notify(\(JobChannel.wake), ''), pg_notify(\(JobChannel.lanes), '') FROM orphans
      """
    ).map { try $0.get("id") }
  }
}
