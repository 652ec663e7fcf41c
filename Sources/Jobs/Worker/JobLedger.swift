import FoundationEssentials
import Postgres

/// Writes what becomes of one claimed job. Every statement names the lease, so that it changes nothing once the
/// job has gone to another worker; `LeaseLost` is thrown then.
struct JobLedger: Sendable {
  let claim: ClaimedJob
  let running: RunningJob
  let engine: WorkerEngine

  /// A worker is set exactly while the job runs.
  private var isOurs: SQL { "job.id = \(claim.id) AND job.lease = \(claim.lease) AND job.worker IS NOT NULL" }
  private var told: SQL { "pg_notify(\(JobChannel.progress), \(claim.id.uuidString.lowercased()))" }

  /// The steps that were begun before, by name.
  func steps() async throws -> [String: StepPlace.Record] {
    let rows = try await engine.persistently(running) {
      try await engine.database.query(
        """
        SELECT name, state, spent + paused AS elapsed,
          CASE WHEN awaiting_since IS NOT NULL THEN awaited + paused END AS awaited
        FROM job_step, LATERAL (
          SELECT coalesce(least(greatest(now() - left_at, '0'), pause), '0') AS paused
        ) AS last WHERE job = \(claim.id)
        """)
    }
    return try rows.reduce(into: [:]) { steps, row in
      steps[try row.get("name")] = StepPlace.Record(
        state: try row.get("state"), elapsed: try row.get("elapsed"), awaited: try row.get("awaited"))
    }
  }

  /// Records that a step is done and that the next one begins; either may be missing. A step that goes on after
  /// a snooze or an interruption keeps the time when it began.
  func advance(done: String?, next: (position: Int, name: String)?) async throws {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET attempt = CASE WHEN \(done != nil) THEN 1 ELSE attempt END,
          interruptions = CASE WHEN \(done != nil) THEN 0 ELSE interruptions END
        WHERE \(isOurs) RETURNING id
      ), done AS (
        UPDATE job_step SET state = 'done', progress = NULL, progress_text = NULL, finished_at = now(),
          awaiting_since = NULL
        FROM mine WHERE job = mine.id AND name = \(done)
      ), next AS (
        INSERT INTO job_step (job, position, name, state)
        SELECT id, \(next?.position), \(next?.name), 'running' FROM mine WHERE \(next != nil)
        ON CONFLICT (job, name) DO UPDATE SET state = 'running', finished_at = NULL,
          started_at = CASE WHEN job_step.state = 'running' THEN job_step.started_at ELSE now() END,
          spent = CASE WHEN job_step.state = 'running' THEN job_step.spent ELSE '0' END
      )
      SELECT \(told) FROM mine
      """)
  }

  /// Gives the place back until the time has come or someone wakes the job; at once if someone did meanwhile.
  ///
  /// - Parameter spent: how long the step has taken by now.
  func snooze(
    _ step: (position: Int, name: String), spent: Duration, _ pause: Duration, _ reason: String
  ) async throws {
    try await leave(
      step, stepState: .running, spent: spent, pause: pause,
      """
      state = 'snoozed', reason = \(reason),
      run_at = CASE WHEN wakes <> \(claim.wakes) THEN now() ELSE now() + \(pause) END
      """)
    engine.wakeAfter(pause)
  }

  /// Gives the place back until what the step waits for is there, or the pause is over. The step then begins anew,
  /// with the attempts that it had.
  ///
  /// - Parameter awaited: how long it has waited for that by now.
  func await(
    _ step: (position: Int, name: String), attempt: Int, awaited: Duration, _ wait: Await
  ) async throws {
    try await leave(
      step, stepState: .waiting, pause: wait.pause, awaited: awaited,
      """
      state = 'snoozed', attempt = \(attempt), reason = \(wait.reason),
      run_at = CASE WHEN wakes <> \(claim.wakes) THEN now() ELSE now() + \(wait.pause) END
      """)
    engine.wakeAfter(wait.pause)
  }

  /// Tries the step again after a pause.
  func retry(
    _ step: (position: Int, name: String), attempt: Int, _ pause: Duration, _ reason: String
  ) async throws {
    try await leave(
      step, stepState: .waiting, pause: pause,
      "state = 'snoozed', attempt = \(attempt + 1), run_at = now() + \(pause), reason = \(reason)")
    engine.wakeAfter(pause)
  }

  /// Hands the job to the next worker, at the step where it is.
  func release() async throws {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET state = 'queued', worker = NULL, run_at = now() WHERE \(isOurs) RETURNING id
      )
      SELECT \(told), pg_notify(\(JobChannel.wake), '') FROM mine
      """)
  }

  /// Hands the job to the next worker as if this one had died, after a pause.
  func handBack(after pause: Duration, _ reason: String) async throws {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET state = 'queued', worker = NULL, run_at = now() + \(pause), reason = \(reason),
          interruptions = interruptions + 1
        WHERE \(isOurs) RETURNING id
      )
      SELECT \(told) FROM mine
      """)
    engine.wakeAfter(pause)
  }

  /// Notes that the job goes backwards now and how it will end.
  func turnBack(to end: JobState, _ reason: String?) async throws {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET undo_to = \(end), undo_reason = \(reason), attempt = 1, interruptions = 0
        WHERE \(isOurs) RETURNING id
      )
      SELECT \(told) FROM mine
      """)
  }

  /// Records that a step has been undone.
  func undone(_ step: (position: Int, name: String)) async throws {
    try await change(
      """
      WITH mine AS (
        UPDATE job SET attempt = 1, interruptions = 0 WHERE \(isOurs) RETURNING id
      ), undone AS (
        INSERT INTO job_step (job, position, name, state, finished_at)
        SELECT id, \(step.position), \(step.name), 'undone', now() FROM mine
        ON CONFLICT (job, name) DO UPDATE SET state = 'undone', finished_at = now(), awaiting_since = NULL
      )
      SELECT \(told) FROM mine
      """)
  }

  /// Writes the final state and runs what the job does then, in one transaction.
  func finish(
    _ outcome: JobOutcome, hook: @Sendable (JobOutcome, any Transaction) async throws -> Void
  ) async throws {
    if running.hasLogged { await engine.logs.flush() }
    try await engine.persistently(running) {
      try await engine.database.transaction { connection in
        guard let row = try await connection.query(finalState(outcome)).first else {
          // Lost, unless a connection broke after the commit had been done.
          let done = try await connection.query(
            "SELECT FROM job WHERE id = \(claim.id) AND lease = \(claim.lease) AND state = \(outcome.state)")
          if done.isEmpty { throw LeaseLost() }
          return
        }
        if try row.get("is_superseded") {
          try await connection.execute(
            "UPDATE job SET waits_for = NULL, run_at = least(run_at, now()) WHERE waits_for = \(claim.id)")
          try await connection.query("SELECT pg_notify(\(JobChannel.wake), '')")
        }
        try await hook(outcome, connection)
      }
    }
  }

  private func finalState(_ outcome: JobOutcome) -> SQL {
    let steps: StepState =
      switch outcome {
      case .succeeded: .done
      case .failed: .failed
      case .cancelled: .undone
      }
    return """
      WITH mine AS (
        UPDATE job SET state = \(outcome.state), reason = \(outcome.reason), worker = NULL, finished_at = now()
        WHERE \(isOurs) RETURNING id, superseded_by IS NOT NULL AS is_superseded
      ), steps AS (
        UPDATE job_step SET state = \(steps), finished_at = now(), awaiting_since = NULL
        FROM mine WHERE job = mine.id AND job_step.state IN ('running', 'waiting')
      )
      SELECT is_superseded, \(told) FROM mine
      """
  }

  /// Gives the job away in the middle of a step, which has a row from then on.
  private func leave(
    _ step: (position: Int, name: String), stepState: StepState, spent: Duration = .zero, pause: Duration,
    awaited: Duration? = nil, _ change: SQL
  ) async throws {
    if running.hasLogged { await engine.logs.flush() }
    try await self.change(
      """
      WITH mine AS (
        UPDATE job SET worker = NULL, \(change) WHERE \(isOurs) RETURNING id, started_at
      ), step AS (
        INSERT INTO job_step (job, position, name, state, started_at, spent, left_at, pause, awaited, awaiting_since)
        SELECT id, \(step.position), \(step.name), \(stepState), started_at, \(spent), now(), \(pause),
          \(awaited ?? .zero), CASE WHEN \(awaited != nil) THEN now() END FROM mine
        ON CONFLICT (job, name) DO UPDATE SET state = excluded.state, spent = excluded.spent,
          left_at = excluded.left_at, pause = excluded.pause, awaited = excluded.awaited, awaiting_since =
            CASE WHEN \(awaited != nil) THEN coalesce(job_step.awaiting_since, now()) END
      )
      SELECT \(told), pg_notify(\(JobChannel.wake), '') FROM mine
      """)
  }

  private func change(_ statement: SQL) async throws {
    let rows = try await engine.persistently(running) { try await engine.database.query(statement) }
    guard rows.isEmpty else { return }
    running.ask(.leaseLost)
    throw LeaseLost()
  }
}
