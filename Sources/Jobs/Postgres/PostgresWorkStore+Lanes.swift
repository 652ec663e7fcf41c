import FoundationEssentials
import Postgres

extension PostgresWorkStore {
  func keepLanes(for worker: UUID, on machine: String) async throws -> [Lane] {
    let rows = try await database.transaction { connection in
      // One worker at a time, so that two do not both see the room that is there for one.
      try await connection.query("SELECT pg_advisory_xact_lock(hashtext('odeum job lanes'))")
      try await connection.execute(
        """
        UPDATE job_lane SET holder = me.id, epoch = epoch + 1
        FROM (SELECT id FROM job_worker WHERE id = \(worker) FOR KEY SHARE) AS me
        WHERE holder IS NULL AND (machine = \(machine) OR job_lane.id IN (
          SELECT id FROM job_lane WHERE holder IS NULL AND machine IS NULL
          ORDER BY id LIMIT greatest(0, \(Self.share) - \(Self.held(by: worker)))))
        """)
      try await connection.query(
        """
        WITH freed AS (
          UPDATE job_lane SET holder = NULL WHERE id IN (
            SELECT id FROM job_lane WHERE holder = \(worker) AND machine IS NULL
              AND NOT EXISTS (SELECT FROM job WHERE job.worker = \(worker) AND job.lane = job_lane.id)
            ORDER BY id DESC LIMIT greatest(0, \(Self.held(by: worker)) - \(Self.share)))
          RETURNING id
        )
        SELECT pg_notify(\(JobChannel.lanes), '') FROM freed LIMIT 1
        """)
      return try await connection.query("SELECT id, epoch FROM job_lane WHERE holder = \(worker)")
    }
    return try rows.map { Lane(id: try $0.get("id"), epoch: try $0.get("epoch")) }
  }

  /// How many of the lanes that are bound to no machine a worker should hold, so that no two differ by more than one.
  private static let share: SQL = """
    (SELECT ceil((SELECT count(*) FROM job_lane WHERE machine IS NULL)::numeric
      / greatest(1, (SELECT count(*) FROM job_worker WHERE keeps_lanes)))::bigint)
    """

  /// How many of these a worker holds.
  private static func held(by worker: UUID) -> SQL {
    "(SELECT count(*) FROM job_lane WHERE holder = \(worker) AND machine IS NULL)"
  }
}
