import FoundationEssentials
import Postgres

extension PostgresWorkStore {
  /// A worker is set exactly while the job runs.
  private func isHeld(_ lease: JobLease) -> SQL {
    "job.id = \(lease.job) AND job.lease = \(lease.number) AND job.worker IS NOT NULL"
  }

  private func told(_ lease: JobLease) -> SQL {
    "pg_notify(\(JobChannel.progress), \(lease.job.uuidString.lowercased()))"
  }

  private func change(_ statement: SQL) async throws -> Bool {
    try await !database.query(statement).isEmpty
  }

  func begunSteps(of job: UUID) async throws -> [String: StepPlace.Record] {
    let rows = try await database.query(
      """
      SELECT name, state, spent + paused AS elapsed,
        CASE WHEN awaiting_since IS NOT NULL THEN awaited + paused END AS awaited
      FROM job_step, LATERAL (
        SELECT coalesce(least(greatest(now() - left_at, '0'), pause), '0') AS paused
      ) AS last WHERE job = \(job)
      """)
    return try rows.reduce(into: [:]) { steps, row in
      steps[try row.get("name")] = StepPlace.Record(
        state: try row.get("state"), elapsed: try row.get("elapsed"), awaited: try row.get("awaited"))
    }
  }

  func advance(_ lease: JobLease, done: String?, next: StepMark?) async throws -> Bool {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET attempt = CASE WHEN \(done != nil) THEN 1 ELSE attempt END,
          interruptions = CASE WHEN \(done != nil) THEN 0 ELSE interruptions END
        WHERE \(isHeld(lease)) RETURNING id
      ), done AS (
        UPDATE job_step SET state = 'done', progress = NULL, progress_text = NULL, finished_at = now(),
          awaiting_since = NULL
        FROM mine WHERE job = mine.id AND name = \(done)
      ), next AS (
        INSERT INTO job_step (job, position, name, state)
        SELECT id, \(next?.position), \(next?.name), 'running' FROM mine WHERE \(next != nil)
        ON CONFLICT (job, name) DO UPDATE SET state = 'running', finished_at = NULL,
          started_at = CASE WHEN job_step.state = 'running' THEN job_step.started_at ELSE now() END,
          spent = CASE WHEN job_step.state = 'running' THEN job_step.spent ELSE '0' END,
          left_at = CASE WHEN job_step.state = 'running' THEN job_step.left_at END
      )
      SELECT \(told(lease)) FROM mine
      """)
  }

  func leave(_ lease: JobLease, _ step: StepMark, _ leaving: Leaving) async throws -> Bool {
    let isAwaiting = leaving.awaited != nil
    return try await change(
      """
      WITH mine AS (
        UPDATE job SET worker = NULL, state = 'snoozed', reason = \(leaving.reason),
          attempt = coalesce(\(leaving.attempt), attempt),
          run_at = CASE WHEN wakes <> \(leaving.wakes) THEN now() ELSE now() + \(leaving.pause) END
        WHERE \(isHeld(lease)) RETURNING id, started_at
      ), step AS (
        INSERT INTO job_step (job, position, name, state, started_at, spent, left_at, pause, awaited, awaiting_since)
        SELECT id, \(step.position), \(step.name), \(leaving.stepState), started_at, \(leaving.spent), now(),
          \(leaving.pause), \(leaving.awaited ?? .zero), CASE WHEN \(isAwaiting) THEN now() END FROM mine
        ON CONFLICT (job, name) DO UPDATE SET state = excluded.state, spent = excluded.spent,
          left_at = excluded.left_at, pause = excluded.pause, awaited = excluded.awaited, awaiting_since =
            CASE WHEN \(isAwaiting) THEN coalesce(job_step.awaiting_since, now()) END
      )
      SELECT \(told(lease)), pg_notify(\(JobChannel.wake), '') FROM mine
      """)
  }

  func release(_ lease: JobLease) async throws -> Bool {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET state = 'queued', worker = NULL, run_at = now() WHERE \(isHeld(lease)) RETURNING id
      )
      SELECT \(told(lease)), pg_notify(\(JobChannel.wake), '') FROM mine
      """)
  }

  func turnBack(_ lease: JobLease, to end: JobState, reason: String?) async throws -> Bool {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET undo_to = \(end), undo_reason = \(reason), attempt = 1, interruptions = 0
        WHERE \(isHeld(lease)) RETURNING id
      )
      SELECT \(told(lease)) FROM mine
      """)
  }

  func undone(_ lease: JobLease, _ step: StepMark) async throws -> Bool {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET attempt = 1, interruptions = 0 WHERE \(isHeld(lease)) RETURNING id
      ), undone AS (
        INSERT INTO job_step (job, position, name, state, finished_at)
        SELECT id, \(step.position), \(step.name), 'undone', now() FROM mine
        ON CONFLICT (job, name) DO UPDATE SET state = 'undone', finished_at = now(), awaiting_since = NULL
      )
      SELECT \(told(lease)) FROM mine
      """)
  }

  // MARK: - Ends

  func succeed(_ leases: [JobLease]) async throws {
    // A worker is set exactly while the job runs. Asking for the state instead would lead the planner to the index
    // of running jobs, which its statistics often take for empty.
    let statement: SQL = """
      WITH done AS (
        UPDATE job SET state = 'succeeded', worker = NULL, finished_at = now()
        FROM unnest(\(leases.map(\.job)), \(leases.map(\.number))) AS ended (id, lease)
        WHERE job.id = ended.id AND job.lease = ended.lease AND job.worker IS NOT NULL
        RETURNING job.id, job.superseded_by
      ), freed AS (
        UPDATE job SET waits_for = NULL, run_at = least(run_at, now()) FROM done
        WHERE done.superseded_by IS NOT NULL AND job.waits_for = done.id
        RETURNING pg_notify(\(JobChannel.wake), '')
      )
      SELECT pg_notify(\(JobChannel.progress), string_agg(id::text, ',')) FROM done
      """
    try await database.query(statement)
  }

  func finish(
    _ lease: JobLease, _ outcome: JobOutcome, hook: @Sendable (any Transaction) async throws -> Void
  ) async throws {
    try await database.transaction { connection in
      guard let row = try await connection.query(finalState(lease, outcome)).first else {
        // Lost, unless a connection broke after the commit had been done.
        let done = try await connection.query(
          "SELECT FROM job WHERE id = \(lease.job) AND lease = \(lease.number) AND state = \(outcome.state)")
        if done.isEmpty { throw LeaseLost() }
        return
      }
      if try row.get("is_superseded") {
        try await connection.execute(
          "UPDATE job SET waits_for = NULL, run_at = least(run_at, now()) WHERE waits_for = \(lease.job)")
        try await connection.query("SELECT pg_notify(\(JobChannel.wake), '')")
      }
      try await hook(connection)
    }
  }

  private func finalState(_ lease: JobLease, _ outcome: JobOutcome) -> SQL {
    let steps: StepState =
      switch outcome {
      case .succeeded: .done
      case .failed: .failed
      case .cancelled: .undone
      }
    return """
      WITH mine AS (
        UPDATE job SET state = \(outcome.state), reason = \(outcome.reason), worker = NULL, finished_at = now()
        WHERE \(isHeld(lease)) RETURNING id, superseded_by IS NOT NULL AS is_superseded
      ), steps AS (
        UPDATE job_step SET state = \(steps), finished_at = now(), awaiting_since = NULL
        FROM mine WHERE job = mine.id AND job_step.state IN ('running', 'waiting')
      )
      SELECT is_superseded, \(told(lease)) FROM mine
      """
  }
}
