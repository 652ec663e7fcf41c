import FoundationEssentials
import Glibc
import Postgres

extension PostgresWorkStore {
  func register(_ worker: UUID, host: String, keepsLanes: Bool) async throws -> Registration {
    let date = try await database.query("SELECT now() AS date")[0].get("date", as: Date.self)
    let early = try await bringForward(onlyFromFuture: true)
    try await database.execute(
      "INSERT INTO job_worker (id, host, process, keeps_lanes) VALUES (\(worker), \(host), \(getpid()), \(keepsLanes))"
    )
    return Registration(date: date, early: early)
  }

  func unregister(_ worker: UUID) async throws {
    try await database.query(
      """
      WITH me AS (DELETE FROM job_worker WHERE id = \(worker) RETURNING keeps_lanes)
      SELECT pg_notify(\(JobChannel.lanes), '') FROM me WHERE keeps_lanes
      """)
  }

  func beat(_ worker: UUID) async throws -> Beat? {
    let rows = try await database.query(
      """
      WITH me AS (UPDATE job_worker SET beat = beat + 1 WHERE id = \(worker) RETURNING id)
      SELECT job_worker.id, job_worker.beat, now() AS date FROM job_worker WHERE EXISTS (SELECT FROM me)
      """)
    guard let date = try rows.first?.get("date", as: Date.self) else { return nil }
    var others: [UUID: Int] = [:]
    for row in rows { others[try row.get("id")] = try row.get("beat", as: Int.self) }
    others[worker] = nil
    return Beat(others: others, date: date)
  }

  func releaseOrphans() async throws -> [UUID] {
    try await database.withConnection { try await Self.requeueOrphans(on: $0) }
  }

  func bury(_ worker: UUID, beat: Int) async throws -> [UUID] {
    try await database.transaction { connection in
      try await connection.execute("DELETE FROM job_worker WHERE id = \(worker) AND beat = \(beat)")
      return try await Self.requeueOrphans(on: connection)
    }
  }

  func bringForward() async throws -> Int { try await bringForward(onlyFromFuture: false) }

  /// - Parameter onlyFromFuture: leaves what may have been written by the present clock.
  private func bringForward(onlyFromFuture: Bool) async throws -> Int {
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
