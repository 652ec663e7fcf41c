import FoundationEssentials
import Logging
import Postgres

/// The durable queue in the database: asking for jobs, looking at them, ending them.
///
/// Any number of processes may use one database. `Worker` does the work.
public struct JobQueue: Sendable {
  /// Where the queue is kept.
  public let database: Database
  let logger: Logger

  /// The queue in a database to which `migrations` have been applied.
  public init(_ database: Database, logger: Logger) {
    self.database = database
    self.logger = logger
  }

  /// Runs the body in a transaction of whatever keeps the queue: committed when it returns, undone when it throws.
  public func transaction<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    try await database.transaction { try await body($0) }
  }

  /// The job with that number; nil when there is none.
  public func job(_ id: UUID) async throws -> JobRecord? {
    try await database.query("SELECT \(JobRecord.columns) FROM job WHERE id = \(id)").first.map(
      JobRecord.init)
  }

  /// What a list of jobs is about. What is nil does not restrict it.
  public struct Filter: Sendable {
    /// Jobs on that subject.
    public var subject: UUID?
    /// Jobs of that organisation.
    public var organisation: UUID?
    /// Jobs of these kinds.
    public var kinds: [String]?
    /// Jobs in these states.
    public var states: [JobState]?

    /// All jobs, until a property is set.
    public init(
      subject: UUID? = nil, organisation: UUID? = nil, kinds: [String]? = nil, states: [JobState]? = nil
    ) {
      self.subject = subject
      self.organisation = organisation
      self.kinds = kinds
      self.states = states
    }

    var condition: SQL {
      var conditions: [SQL] = ["true"]
      if let subject { conditions.append("subject = \(subject)") }
      if let organisation { conditions.append("organisation = \(organisation)") }
      if let kinds { conditions.append("kind = ANY(\(kinds))") }
      if let states { conditions.append("state = ANY(\(states.map(\.rawValue)))") }
      return .joined(conditions, separator: " AND ")
    }
  }

  /// Jobs, newest first. For the next page, pass the last one's number as `before`.
  public func jobs(
    _ filter: Filter = Filter(), before: UUID? = nil, limit: Int = 50
  ) async throws -> [JobRecord] {
    let older: SQL = if let before { " AND id < \(before)" } else { "" }
    return try await database.query(
      "SELECT \(JobRecord.columns) FROM job WHERE \(filter.condition)\(older) ORDER BY id DESC LIMIT \(limit)"
    ).map(JobRecord.init)
  }

  /// The steps of a job that have begun, in their order.
  public func steps(of id: UUID) async throws -> [StepRecord] {
    try await database.query(
      """
      SELECT position, name, state, progress, progress_text, started_at, finished_at
      FROM job_step WHERE job = \(id) ORDER BY position
      """
    ).map(StepRecord.init)
  }

  /// The steps that have begun of each of these jobs, in their order.
  public func steps(of ids: [UUID]) async throws -> [UUID: [StepRecord]] {
    let rows = try await database.query(
      """
      SELECT job, position, name, state, progress, progress_text, started_at, finished_at
      FROM job_step WHERE job = any(\(ids)) ORDER BY job, position
      """)
    return try Dictionary(grouping: rows) { try $0.get("job", as: UUID.self) }
      .mapValues { try $0.map(StepRecord.init) }
  }

  /// Lines of a job's log that come after that number, in their order.
  public func log(of id: UUID, after seq: Int = 0, limit: Int = 1_000) async throws -> [JobLogLine] {
    try await database.query(
      """
      SELECT seq, at, level, step, line FROM job_log
      WHERE job = \(id) AND seq > \(seq) ORDER BY seq LIMIT \(limit)
      """
    ).map(JobLogLine.init)
  }

  /// The last lines of a job's log, in their order.
  public func endOfLog(of id: UUID, lines: Int = 100) async throws -> [JobLogLine] {
    try await database.query(
      "SELECT seq, at, level, step, line FROM job_log WHERE job = \(id) ORDER BY seq DESC LIMIT \(lines)"
    ).reversed().map(JobLogLine.init)
  }
}
