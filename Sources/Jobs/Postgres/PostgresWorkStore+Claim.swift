import FoundationEssentials
import Postgres

extension PostgresWorkStore {
  func claim(_ claim: Claim) async throws -> [ClaimedJob] {
    try await database.query(claim.statement).map(ClaimedJob.init)
  }

  func claimCancelled(upTo limit: Int, kinds: [String], worker: UUID) async throws -> [ClaimedJob] {
    try await database.query(Claim.cancelled(upTo: limit, kinds: kinds, worker: worker)).map(ClaimedJob.init)
  }

  func nextDue(kinds: [String]) async throws -> Duration? {
    try await database.query(Claim.nextDue(kinds: kinds)).first?.get("seconds", as: Double?.self).map {
      .seconds($0)
    }
  }

  func cancelRequests(of worker: UUID) async throws -> [UUID] {
    try await database.query(
      "SELECT id FROM job WHERE worker = \(worker) AND state = 'running' AND cancel_requested"
    ).map { try $0.get("id") }
  }
}

extension ClaimedJob {
  fileprivate init(_ row: Row) throws {
    self.init(
      id: try row.get(at: 0), kind: try row.get(at: 1), lease: try row.get(at: 3),
      attempt: try row.get(at: 4),
      interruptions: try row.get(at: 5), wakes: try row.get(at: 6), isCancelRequested: try row.get(at: 7),
      undoTo: try row.get(at: 8), undoReason: try row.get(at: 9), epoch: try row.get(at: 10),
      organisation: try row.get(at: 11), hasOthersBehind: try row.get(at: 12), body: .row(row))
  }
}

extension Claim {
  /// The condition and the columns of the index `job_line`.
  fileprivate static let isWaiting: SQL = "state IN ('queued', 'snoozed') AND waits_for IS NULL"
  private static let lane: SQL = "coalesce(lane, '00000000-0000-0000-0000-000000000000')"
  private static let organisation: SQL = "coalesce(organisation, '00000000-0000-0000-0000-000000000000')"
  private static let line: SQL = "priority, \(lane), \(organisation)"

  /// What is due in the line at hand, the eldest first.
  private var due: SQL {
    """
    FROM job WHERE \(Self.isWaiting) AND (\(Self.line)) = (line.priority, line.lane, line.organisation)
      AND run_at <= now() AND kind = ANY(\(kinds)) ORDER BY run_at, id
    """
  }

  /// Takes jobs. The index `job_line` keeps each line together, so the lines are found by leaping from one to the next,
  /// however long they are. Of each line no more is locked than its share. The shares are as if water were poured on what
  /// is held: if all lines were long, everybody would then hold as much, and who holds more than that gets nothing. What
  /// short lines leave is for the next claim, which comes at once.
  fileprivate var statement: SQL {
    """
    WITH RECURSIVE line AS (
      (
        SELECT priority, \(Self.lane) AS lane, \(Self.organisation) AS organisation
        FROM job WHERE \(Self.isWaiting) ORDER BY \(Self.line) LIMIT 1
      )
      UNION ALL
      SELECT next.* FROM line CROSS JOIN LATERAL (
        SELECT priority, \(Self.lane), \(Self.organisation)
        FROM job WHERE \(Self.isWaiting) AND (\(Self.line)) > (line.priority, line.lane, line.organisation)
        ORDER BY \(Self.line) LIMIT 1
      ) AS next
    ), ready AS (
      SELECT line.*, eldest.run_at AS since, coalesce(holder.held, 0) AS held, coalesce(holder.turn, 0) AS turn
      FROM line LEFT JOIN unnest(
        \(holders.map(\.organisation)), \(holders.map(\.held)), \(holders.map(\.turn))
      ) AS holder (organisation, held, turn) USING (organisation)
      CROSS JOIN LATERAL (SELECT run_at \(due) LIMIT 1) AS eldest
      WHERE (line.lane = \(UUID.nobody) OR line.lane = ANY(ARRAY(SELECT id FROM job_lane WHERE holder = \(worker))))
        AND (\(free) > 0 OR holder.held IS NULL OR holder.held = 0)
    ), front AS (
      SELECT *, greatest(ceil(min(level) OVER ())::bigint - place + 1, (place = 1)::int) AS share FROM (
        SELECT *, (\(free) + sum(place - 1) OVER fewest) / row_number() OVER fewest AS level FROM (
          SELECT *, held + row_number() OVER (PARTITION BY organisation ORDER BY since) AS place FROM ready
          WHERE priority = (SELECT min(priority) FROM ready)
        ) AS best WINDOW fewest AS (ORDER BY place, turn, since ROWS UNBOUNDED PRECEDING)
      ) AS levelled ORDER BY place, turn, since LIMIT \(free) + \(spare)
    ), found AS (
      SELECT one.*, line.turn,
        line.held + row_number() OVER (PARTITION BY line.organisation ORDER BY one.run_at, one.id) AS place
      FROM front AS line
      CROSS JOIN LATERAL (SELECT id, run_at \(due) LIMIT line.share FOR UPDATE SKIP LOCKED) AS one
    ), chosen AS (
      SELECT id, number FROM (
        SELECT id, place, row_number() OVER (ORDER BY place, turn, run_at, id) AS number FROM found
      ) AS counted WHERE number <= \(free) OR (place = 1 AND number <= \(free) + \(spare))
    ), \(Self.claimed(by: worker))
    SELECT claimed.*, (SELECT count(*) > 1 FROM ready) FROM claimed JOIN chosen USING (id) ORDER BY number
    """
  }

  /// Takes jobs whose end was asked for, whosever they are: someone waits. They are due when that is asked for; later
  /// pauses, between attempts to undo them for example, are kept.
  fileprivate static func cancelled(upTo limit: Int, kinds: [String], worker: UUID) -> SQL {
    """
    WITH chosen AS (
      SELECT id FROM job
      WHERE \(isWaiting) AND cancel_requested AND run_at <= now() AND kind = ANY(\(kinds))
        AND (lane IS NULL OR lane = ANY(ARRAY(SELECT id FROM job_lane WHERE holder = \(worker))))
      ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED
    ), \(claimed(by: worker))
    SELECT claimed.*, false FROM claimed ORDER BY id
    """
  }

  /// Gives what was chosen to a registered worker. Its row is locked against removal meanwhile, so whoever declares it
  /// dead afterwards sees these jobs as its own. Where nothing was chosen nothing is locked, so that looking in vain
  /// writes nothing.
  ///
  /// The numbers are collected in an array first: for an array of unknown size the planner assumes few elements and
  /// looks each one up, while for a LIMIT of unknown size it would read the whole table.
  private static func claimed(by worker: UUID) -> SQL {
    """
    me AS (
      SELECT id FROM job_worker WHERE id = \(worker) AND EXISTS (SELECT FROM chosen) FOR KEY SHARE
    ), claimed AS (
      UPDATE job SET state = 'running', worker = me.id, lease = lease + 1,
        started_at = coalesce(started_at, now()), reason = NULL
      FROM me WHERE job.id = ANY(ARRAY(SELECT id FROM chosen))
      RETURNING job.id, kind, body, lease, attempt, interruptions, wakes, cancel_requested, undo_to, undo_reason,
        (SELECT epoch FROM job_lane WHERE job_lane.id = job.lane), organisation
    )
    """
  }

  /// When the next job of these kinds that is not due yet will be, in seconds from now; NULL when there is none.
  /// Those that are due wait for a place only, and a place that comes free wakes.
  fileprivate static func nextDue(kinds: [String]) -> SQL {
    """
    SELECT extract(epoch FROM min(run_at) - now())::float8 AS seconds FROM job
    WHERE \(isWaiting) AND run_at > now() AND kind = ANY(\(kinds))
    """
  }
}
