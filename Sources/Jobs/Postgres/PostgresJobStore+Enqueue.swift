import FoundationEssentials
import Postgres

extension PostgresJobStore {
  func enqueue(_ job: NewJob, in transaction: (any Transaction)?) async throws -> EnqueuedJob {
    if job.options.superseding, job.options.subject != nil {
      if let transaction { return try await supersede(with: job, try transaction.connection) }
      return try await database.transaction { try await supersede(with: job, $0) }
    }
    let runner = try database.runner(in: transaction)
    // A job that was in the way may end between the two looks at it; then there is room for this one.
    for _ in 0..<5 {
      if try await insert(job, runner) { return EnqueuedJob(id: job.id, isNew: true) }
      if let found = try await obstacle(job.options, runner) { return found }
    }
    throw PostgresError(.server, "the job could not be queued: others come and go on its subject too fast")
  }

  func enqueue(contentsOf jobs: [NewJob], in transaction: (any Transaction)?) async throws {
    guard let first = jobs.first else { return }
    let options = first.options
    try await database.runner(in: transaction).execute(
      """
      INSERT INTO job (id, kind, body, organisation, requested_by, priority)
      SELECT new.id, \(first.kind), new.body::jsonb, \(options.organisation), \(options.requestedBy),
        \(options.priority)
      FROM unnest(\(jobs.map(\.id)), \(jobs.map(\.text))) AS new (id, body)
      """)
  }

  private func insert(_ job: NewJob, _ runner: any SQLRunner, waitsFor: UUID? = nil) async throws -> Bool {
    let options = job.options
    return try await runner.execute(
      """
      INSERT INTO job (
        id, kind, body, subject, organisation, requested_by, priority, run_at, idempotency_key, waits_for, lane)
      VALUES (
        \(job.id), \(job.kind), \(job.text)::jsonb, \(options.subject), \(options.organisation),
        \(options.requestedBy), \(options.priority), coalesce(\(options.runAt), now()), \(options.idempotencyKey),
        \(waitsFor), \(options.lane))
      ON CONFLICT DO NOTHING
      """) == 1
  }

  /// Why nothing was inserted: the same request came before, which is an answer, or the subject is taken.
  private func obstacle(_ options: EnqueueOptions, _ runner: any SQLRunner) async throws -> EnqueuedJob? {
    let statement: SQL = """
      SELECT id, kind, coalesce(idempotency_key = \(options.idempotencyKey), false) AS is_same FROM job
      WHERE idempotency_key = \(options.idempotencyKey) OR (\(Self.active(on: options.subject)))
      ORDER BY is_same DESC LIMIT 1
      """
    guard let row = try await runner.query(statement).first else { return nil }
    guard try row.get("is_same") else {
      throw JobConflict(activeJobID: try row.get("id"), kind: try row.get("kind"))
    }
    return EnqueuedJob(id: try row.get("id"), isNew: false)
  }

  private static func active(on subject: UUID?) -> SQL {
    "subject = \(subject) AND superseded_by IS NULL AND state IN ('queued', 'running', 'snoozed')"
  }

  /// Takes the place of the active job on the subject. That one leaves the unique index as superseded, is
  /// cancelled, and lets the new one go when it ends. Its row is locked, so it cannot end in between unseen.
  private func supersede(with job: NewJob, _ connection: Connection) async throws -> EnqueuedJob {
    let options = job.options
    if let key = options.idempotencyKey {
      let known = try await connection.query("SELECT id FROM job WHERE idempotency_key = \(key)")
      if let row = known.first { return EnqueuedJob(id: try row.get("id"), isNew: false) }
    }
    let superseded = try await connection.query(
      """
      UPDATE job SET superseded_by = \(job.id), cancel_requested = true,
        run_at = CASE WHEN state = 'running' THEN run_at ELSE least(run_at, now()) END
      WHERE \(Self.active(on: options.subject))
      RETURNING id, pg_notify(\(JobChannel.cancel), id::text), pg_notify(\(JobChannel.wake), '')
      """
    ).first
    let former: UUID? = try superseded?.get("id")
    guard try await insert(job, connection, waitsFor: former) else {
      // Someone else was faster between the two statements: their job is the active one now.
      if let found = try await obstacle(options, connection) { return found }
      throw PostgresError(.server, "the job could not be queued: others come and go on its subject too fast")
    }
    return EnqueuedJob(id: job.id, isNew: true)
  }
}

extension NewJob {
  fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
