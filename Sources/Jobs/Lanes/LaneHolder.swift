import FoundationEssentials
import Logging
import Postgres
import Synchronization

/// Takes lanes for one worker and gives them up, so that the living workers hold about equally many.
///
/// A dead worker's lanes are free as soon as its row is gone (a foreign key sees to that), so lanes need no
/// heartbeat of their own.
final class LaneHolder: Sendable {
  private let keeping: LaneKeeping
  private let database: Database
  private let logger: Logger
  private let held = Mutex<[UUID: Int]>([:])

  init(_ keeping: LaneKeeping, database: Database, logger: Logger) {
    self.keeping = keeping
    self.database = database
    self.logger = logger
  }

  /// Takes free lanes up to this worker's share, and gives up what is more than that where no job is under way.
  ///
  /// Only to be called where this worker claims no job meanwhile: a claim and a giving up would not see each other.
  func keep(for worker: UUID) async throws {
    let machine = keeping.machine
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
    note(
      try rows.reduce(into: [:]) { held, row in held[try row.get("id")] = try row.get("epoch", as: Int.self) }
    )
  }

  /// Forgets everything: others hold these lanes, or may.
  func lose() {
    note([:])
  }

  private func note(_ now: [UUID: Int]) {
    let before = held.withLock { held in
      let before = held
      held = now
      return before
    }
    guard before != now else { return }
    logger.info("this worker holds \(now.count) lanes")
    keeping.changed(now.map { Lane(id: $0.key, epoch: $0.value) })
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
