import FoundationEssentials
import Logging
import Postgres

/// The durable queue in the database: asking for jobs, looking at them, ending them.
///
/// Any number of processes may use one database. `Worker` does the work.
public struct JobQueue: Sendable {
  let store: any JobStore
  /// The time and the chance by which the queue and its workers go.
  public let surroundings: TimeAndChance
  let logger: Logger

  /// The queue in a database to which `migrations` have been applied.
  public init(_ database: Database, logger: Logger) {
    self.init(store: PostgresJobStore(database: database, logger: logger), logger: logger)
  }

  /// The queue in that store.
  package init(store: any JobStore, surroundings: TimeAndChance = .real, logger: Logger) {
    self.store = store
    self.surroundings = surroundings
    self.logger = logger
  }

  /// Runs the body in a transaction of whatever keeps the queue: committed when it returns, undone when it throws.
  public func transaction<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    try await store.transaction(isolation: isolation, body)
  }

  /// The job with that number; nil when there is none.
  public func job(_ id: UUID) async throws -> JobRecord? {
    try await store.job(id)
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
  }

  /// Jobs, newest first. For the next page, pass the last one's number as `before`.
  public func jobs(
    _ filter: Filter = Filter(), before: UUID? = nil, limit: Int = 50
  ) async throws -> [JobRecord] {
    try await store.jobs(filter, before: before, limit: limit)
  }

  /// The steps of a job that have begun, in their order.
  public func steps(of id: UUID) async throws -> [StepRecord] {
    try await store.steps(of: [id])[id] ?? []
  }

  /// The steps that have begun of each of these jobs, in their order.
  public func steps(of ids: [UUID]) async throws -> [UUID: [StepRecord]] {
    try await store.steps(of: ids)
  }

  /// Lines of a job's log that come after that number, in their order.
  public func log(of id: UUID, after seq: Int = 0, limit: Int = 1_000) async throws -> [JobLogLine] {
    try await store.log(of: id, after: seq, limit: limit)
  }

  /// The last lines of a job's log, in their order.
  public func endOfLog(of id: UUID, lines: Int = 100) async throws -> [JobLogLine] {
    try await store.endOfLog(of: id, lines: lines)
  }

  /// Hands back the jobs of all workers of a host at once. To be called by a process that holds the exclusive
  /// lock of the host's data folder, which proves that the former process is dead.
  ///
  /// Returns the jobs that wait for a worker again.
  @discardableResult
  public func releaseWorkers(of host: String) async throws -> [UUID] {
    try await store.releaseWorkers(of: host)
  }
}
