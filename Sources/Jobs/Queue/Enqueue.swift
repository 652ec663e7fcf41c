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

  package init(id: UUID, isNew: Bool) {
    self.id = id
    self.isNew = isNew
  }
}

extension JobQueue {
  /// Asks for a job; with a transaction, as part of it.
  ///
  /// Throws `JobConflict` when another job is active on the subject, without harm to the transaction.
  @discardableResult
  public func enqueue<J: Job>(
    _ job: J, options: EnqueueOptions = EnqueueOptions(), in transaction: (any Transaction)? = nil
  ) async throws -> EnqueuedJob {
    try await store.enqueue(try new(job, options), in: transaction)
  }

  /// Asks for many jobs without subjects or keys, in one statement.
  @discardableResult
  public func enqueue<J: Job>(
    contentsOf jobs: [J], organisation: UUID? = nil, requestedBy: String? = nil, priority: Int = 0,
    in transaction: (any Transaction)? = nil
  ) async throws -> [UUID] {
    let options = EnqueueOptions(organisation: organisation, requestedBy: requestedBy, priority: priority)
    let asked = try jobs.map { try new($0, options) }
    try await store.enqueue(contentsOf: asked, in: transaction)
    return asked.map(\.id)
  }

  private func new<J: Job>(_ job: J, _ options: EnqueueOptions) throws -> NewJob {
    NewJob(id: surroundings.uuid(), kind: J.kind, body: try PostgresJSON.encode(job), options: options)
  }
}
