import FoundationEssentials
import Postgres

/// A job that this worker has taken: what the claim returned.
struct ClaimedJob: Sendable {
  let id: UUID
  let kind: String
  /// The fencing token: as long as the row has it, the job is ours.
  let lease: Int
  let attempt: Int
  let interruptions: Int
  let wakes: Int
  let isCancelRequested: Bool
  /// How the job ends when everything is undone; nil while it goes forward.
  let undoTo: JobState?
  /// Why everything is undone, when an error is the cause.
  let undoReason: String?
  /// The epoch of the job's lane, for a job that has one.
  let epoch: Int?
  /// Keeps the content until it is read into its type.
  let row: Row

  init(_ row: Row) throws {
    id = try row.get(at: 0)
    kind = try row.get(at: 1)
    lease = try row.get(at: 3)
    attempt = try row.get(at: 4)
    interruptions = try row.get(at: 5)
    wakes = try row.get(at: 6)
    isCancelRequested = try row.get(at: 7)
    undoTo = try row.get(at: 8)
    undoReason = try row.get(at: 9)
    epoch = try row.get(at: 10)
    self.row = row
  }

  /// Takes jobs that are due, for a registered worker. Its row is locked against removal meanwhile, so whoever
  /// declares it dead afterwards sees these jobs as its own.
  ///
  /// The numbers are collected in an array first: for an array of unknown size the planner assumes few elements and
  /// looks each one up, while for a LIMIT of unknown size it would read the whole table.
  static func claim(
    upTo limit: Int, kinds: [String], worker: UUID, onlyCancelled: Bool = false
  ) -> SQL {
    let cancelled: SQL = onlyCancelled ? "AND cancel_requested" : ""
    return """
      WITH me AS (
        SELECT id FROM job_worker WHERE id = \(worker) FOR KEY SHARE
      ), claimed AS (
        UPDATE job SET state = 'running', worker = me.id, lease = lease + 1,
          started_at = coalesce(started_at, now()), reason = NULL
        FROM me WHERE job.id = ANY(ARRAY(
          SELECT due.id FROM job AS due
          WHERE state IN ('queued', 'snoozed') AND waits_for IS NULL AND run_at <= now() AND kind = ANY(\(kinds))
            AND (lane IS NULL OR lane = ANY(ARRAY(SELECT id FROM job_lane WHERE holder = \(worker))))
            \(cancelled)
          ORDER BY priority, run_at, due.id LIMIT \(limit) FOR UPDATE SKIP LOCKED
        ))
        RETURNING job.id, kind, body, lease, attempt, interruptions, wakes, cancel_requested, undo_to, undo_reason,
          (SELECT epoch FROM job_lane WHERE job_lane.id = job.lane), priority, run_at
      )
      SELECT * FROM claimed ORDER BY priority, run_at, id
      """
  }

  /// When the next job of these kinds that is not due yet will be, in seconds from now; NULL when there is none.
  /// Those that are due wait for a place only, and a place that comes free wakes.
  static func nextDue(kinds: [String]) -> SQL {
    """
    SELECT extract(epoch FROM min(run_at) - now())::float8 AS seconds FROM job
    WHERE state IN ('queued', 'snoozed') AND waits_for IS NULL AND run_at > now() AND kind = ANY(\(kinds))
    """
  }
}
