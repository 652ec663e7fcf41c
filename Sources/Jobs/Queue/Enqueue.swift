import FoundationEssentials
import Postgres

/// How a job is asked for.
public struct EnqueueOptions: Sendable {
  /// What it works on: at most one active job at a time has it.
  public var subject: UUID?
  /// Whose it is.
  public var organisation: UUID?
  /// Who asked for it.
  public var requestedBy: String?
  /// Smaller is sooner, from -32768 to 32767.
  public var priority: Int
  /// Not before that time, by the database's clock; nil is at once.
  public var runAt: Date?
  /// The same request, twice: the second one gets the first one's job.
  public var idempotencyKey: String?
  /// Whose lane it is done in; nil is any worker.
  public var lane: UUID?
  /// Ends the active job on the subject, undoing what it did, and begins when that has ended.
  public var superseding: Bool

  /// At once, on no subject, unless set otherwise.
  public init(
    subject: UUID? = nil, organisation: UUID? = nil, requestedBy: String? = nil, priority: Int = 0,
    runAt: Date? = nil, idempotencyKey: String? = nil, lane: UUID? = nil, superseding: Bool = false
  ) {
    self.subject = subject
    self.organisation = organisation
    self.requestedBy = requestedBy
    self.priority = priority
    self.runAt = runAt
    self.idempotencyKey = idempotencyKey
    self.lane = lane
    self.superseding = superseding
  }
}

/// What asking for a job gives.
public struct EnqueuedJob: Sendable, Hashable {
  /// The job's number.
  public let id: UUID
  /// False when the idempotency key had made it before.
  public let isNew: Bool
}

extension JobQueue {
  /// Asks for a job; with a transaction, as part of it.
  ///
  /// Throws `JobConflict` when another job is active on the subject, without harm to the transaction.
  @discardableResult
  public func enqueue<J: Job>(
    _ job: J, options: EnqueueOptions = EnqueueOptions(), in transaction: (any Transaction)? = nil
  ) async throws -> EnqueuedJob {
    let id = UUID.v7()
    if options.superseding, options.subject != nil {
      if let transaction {
        return try await supersede(with: job, id, options, try transaction.connection)
      }
      return try await database.transaction { try await supersede(with: job, id, options, $0) }
    }
    let runner = try database.runner(in: transaction)
    // A job that was in the way may end between the two looks at it; then there is room for this one.
    for _ in 0..<5 {
      if try await insert(job, id, options, runner) { return EnqueuedJob(id: id, isNew: true) }
      if let found = try await obstacle(options, runner) { return found }
    }
    throw PostgresError(.server, "the job could not be queued: others come and go on its subject too fast")
  }

  /// Asks for many jobs without subjects or keys, in one statement.
  @discardableResult
  public func enqueue<J: Job>(
    contentsOf jobs: [J], organisation: UUID? = nil, requestedBy: String? = nil, priority: Int = 0,
    in transaction: (any Transaction)? = nil
  ) async throws -> [UUID] {
    let ids = jobs.map { _ in UUID.v7() }
    let bodies = try jobs.map { String(decoding: try PostgresJSON.encode($0), as: UTF8.self) }
    let statement: SQL = """
      INSERT INTO job (id, kind, body, organisation, requested_by, priority)
      SELECT new.id, \(J.kind), new.body::jsonb, \(organisation), \(requestedBy), \(priority)
      FROM unnest(\(ids), \(bodies)) AS new (id, body)
      """
    try await database.runner(in: transaction).execute(statement)
    return ids
  }

  private func insert<J: Job>(
    _ job: J, _ id: UUID, _ options: EnqueueOptions, _ runner: any SQLRunner, waitsFor: UUID? = nil
  ) async throws -> Bool {
    let statement: SQL = """
      INSERT INTO job (
        id, kind, body, subject, organisation, requested_by, priority, run_at, idempotency_key, waits_for, lane)
      VALUES (
        \(id), \(J.kind), \(json: job), \(options.subject), \(options.organisation), \(options.requestedBy),
        \(options.priority), coalesce(\(options.runAt), now()), \(options.idempotencyKey), \(waitsFor),
        \(options.lane))
      ON CONFLICT DO NOTHING
      """
    return try await runner.execute(statement) == 1
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

  static func active(on subject: UUID?) -> SQL {
    "subject = \(subject) AND superseded_by IS NULL AND state IN ('queued', 'running', 'snoozed')"
  }

  /// Takes the place of the active job on the subject. That one leaves the unique index as superseded, is
  /// cancelled, and lets the new one go when it ends. Its row is locked, so it cannot end in between unseen.
  private func supersede<J: Job>(
    with job: J, _ id: UUID, _ options: EnqueueOptions, _ connection: Connection
  ) async throws -> EnqueuedJob {
    if let key = options.idempotencyKey {
      let known = try await connection.query("SELECT id FROM job WHERE idempotency_key = \(key)")
      if let row = known.first { return EnqueuedJob(id: try row.get("id"), isNew: false) }
    }
    let superseded = try await connection.query(
      """
      UPDATE job SET superseded_by = \(id), cancel_requested = true,
        run_at = CASE WHEN state = 'running' THEN run_at ELSE least(run_at, now()) END
      WHERE \(Self.active(on: options.subject))
      RETURNING id, pg_notify(\(JobChannel.cancel), id::text), pg_notify(\(JobChannel.wake), '')
      """
    ).first
    let former: UUID? = try superseded?.get("id")
    guard try await insert(job, id, options, connection, waitsFor: former) else {
      // Someone else was faster between the two statements: their job is the active one now.
      if let found = try await obstacle(options, connection) { return found }
      throw PostgresError(.server, "the job could not be queued: others come and go on its subject too fast")
    }
    return EnqueuedJob(id: id, isNew: true)
  }
}
