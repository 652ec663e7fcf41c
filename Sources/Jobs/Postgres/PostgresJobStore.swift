import FoundationEssentials
import Logging
import Postgres

/// The queue in PostgreSQL. Its statements are here; what they are for is said at `JobStore` and `WorkStore`.
struct PostgresJobStore: JobStore {
  let database: Database
  let logger: Logger

  func transaction<Result: Sendable>(
    isolation: isolated (any Actor)?, _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    try await database.transaction { try await body($0) }
  }

  func guarded<Result: Sendable>(
    by lease: JobLease, isolation: isolated (any Actor)?,
    _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    try await database.transaction { connection in
      let held = try await connection.query(
        "SELECT FROM job WHERE id = \(lease.job) AND lease = \(lease.number) AND state = 'running' FOR SHARE")
      if held.isEmpty { throw LeaseLost() }
      return try await body(connection)
    }
  }

  func forWorker() -> any WorkStore { PostgresWorkStore(for: database, logger: logger) }

  func releaseWorkers(of host: String) async throws -> [UUID] {
    try await database.transaction { connection in
      try await connection.execute("DELETE FROM job_worker WHERE host = \(host)")
      return try await PostgresWorkStore.requeueOrphans(on: connection)
    }
  }

  // MARK: - Looking at jobs

  func job(_ id: UUID) async throws -> JobRecord? {
    try await database.query("SELECT \(JobRecord.columns) FROM job WHERE id = \(id)").first.map(
      JobRecord.init)
  }

  func jobs(_ filter: JobQueue.Filter, before: UUID?, limit: Int) async throws -> [JobRecord] {
    let older: SQL = if let before { " AND id < \(before)" } else { "" }
    return try await database.query(
      "SELECT \(JobRecord.columns) FROM job WHERE \(filter.condition)\(older) ORDER BY id DESC LIMIT \(limit)"
    ).map(JobRecord.init)
  }

  func steps(of ids: [UUID]) async throws -> [UUID: [StepRecord]] {
    let rows = try await database.query(
      """
      SELECT job, position, name, state, progress, progress_text, started_at, finished_at
      FROM job_step WHERE job = any(\(ids)) ORDER BY job, position
      """)
    return try Dictionary(grouping: rows) { try $0.get("job", as: UUID.self) }
      .mapValues { try $0.map(StepRecord.init) }
  }

  func log(of id: UUID, after seq: Int, limit: Int) async throws -> [JobLogLine] {
    try await database.query(
      """
      SELECT seq, at, level, step, line FROM job_log
      WHERE job = \(id) AND seq > \(seq) ORDER BY seq LIMIT \(limit)
      """
    ).map(JobLogLine.init)
  }

  func endOfLog(of id: UUID, lines: Int) async throws -> [JobLogLine] {
    try await database.query(
      "SELECT seq, at, level, step, line FROM job_log WHERE job = \(id) ORDER BY seq DESC LIMIT \(lines)"
    ).reversed().map(JobLogLine.init)
  }

  func progress() -> any AsyncSequence<[UUID], Never> & Sendable {
    database.listen(JobChannel.progress).map { event in
      guard case .notification(_, let payload) = event else { return [] }
      return payload.split(separator: ",").compactMap { UUID(uuidString: String($0)) }
    }
  }

  // MARK: - Lanes

  func addLane(_ id: UUID, in transaction: (any Transaction)?) async throws {
    try await database.runner(in: transaction).query(
      """
      WITH lane AS (INSERT INTO job_lane (id) VALUES (\(id)) ON CONFLICT DO NOTHING)
      SELECT pg_notify(\(JobChannel.lanes), '')
      """)
  }

  func bindLane(_ id: UUID, to machine: String, in transaction: (any Transaction)?) async throws {
    try await database.runner(in: transaction).query(
      """
      WITH lane AS (
        UPDATE job_lane SET machine = \(machine), holder = NULL
        WHERE id = \(id) AND machine IS DISTINCT FROM \(machine)
      )
      SELECT pg_notify(\(JobChannel.lanes), '')
      """)
  }

  func raiseEpoch(of id: UUID, from held: Int, above known: Int) async throws -> Int? {
    try await database.query(
      """
      UPDATE job_lane SET epoch = greatest(epoch, \(known)) + 1 WHERE id = \(id) AND epoch = \(held)
      RETURNING epoch
      """
    ).first?.get("epoch")
  }

  func machine(ofLane id: UUID) async throws -> String? {
    try await database.query("SELECT machine FROM job_lane WHERE id = \(id)").first?.get("machine")
  }
}

extension JobQueue.Filter {
  fileprivate var condition: SQL {
    var conditions: [SQL] = ["true"]
    if let subject { conditions.append("subject = \(subject)") }
    if let subjects { conditions.append("subject = ANY(\(subjects))") }
    if let organisation { conditions.append("organisation = \(organisation)") }
    if let kinds { conditions.append("kind = ANY(\(kinds))") }
    if let states { conditions.append("state = ANY(\(states.map(\.rawValue)))") }
    return .joined(conditions, separator: " AND ")
  }
}
