import FoundationEssentials

/// Whatever keeps a queue, as those see it who ask for jobs and look at them. `WorkStore` is the workers' side.
///
/// In the product it is PostgreSQL. What is said here holds for every store; `JobsTests` asks the same of each.
package protocol JobStore: Sendable {
  /// Runs the body in a transaction: committed when it returns, undone when it throws.
  func transaction<Result: Sendable>(
    isolation: isolated (any Actor)?, _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result

  /// A transaction that can only commit while the job runs under this lease: whoever takes the job over waits for its end.
  ///
  /// Throws `LeaseLost`; nothing was done then.
  func guarded<Result: Sendable>(
    by lease: JobLease, isolation: isolated (any Actor)?,
    _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result

  /// The workers' side, for one worker. What the program does meanwhile cannot keep it from its heartbeat.
  func forWorker() -> any WorkStore

  // MARK: Asking for jobs

  /// Puts a job into the queue, or finds the one that the same key had made before. Throws `JobConflict` when another job
  /// is active on its subject; the transaction goes on then.
  func enqueue(_ job: NewJob, in transaction: (any Transaction)?) async throws -> EnqueuedJob

  /// Puts in many jobs without subjects and keys, all or none.
  func enqueue(contentsOf jobs: [NewJob], in transaction: (any Transaction)?) async throws

  /// Asks for a job's end. What waits is due then. Throws `JobNotFound`.
  func cancel(_ id: UUID, in transaction: (any Transaction)?) async throws -> JobQueue.CancelAnswer

  /// Makes a snoozed job due, also one that is about to snooze.
  func wake(_ id: UUID, in transaction: (any Transaction)?) async throws

  /// Makes those jobs on the subjects due that wait for what is away, also those that are about to. Returns how many
  /// wait.
  func wakeWaiting(on subjects: [UUID]) async throws -> Int

  // MARK: Looking at jobs

  /// The job with that number, if there is one.
  func job(_ id: UUID) async throws -> JobRecord?
  /// Jobs before that one, newest first.
  func jobs(_ filter: JobQueue.Filter, before: UUID?, limit: Int) async throws -> [JobRecord]
  /// The steps that have begun of each of these jobs, in their order.
  func steps(of ids: [UUID]) async throws -> [UUID: [StepRecord]]
  /// Lines of a log that come after that number, in their order.
  func log(of id: UUID, after seq: Int, limit: Int) async throws -> [JobLogLine]
  /// The last lines of a log, in their order.
  func endOfLog(of id: UUID, lines: Int) async throws -> [JobLogLine]
  /// The numbers of the jobs that got further, whenever some do; empty when some may have been missed.
  func progress() -> any AsyncSequence<[UUID], Never> & Sendable

  // MARK: Lanes

  /// Makes a lane unless it is there, bound to no machine.
  func addLane(_ id: UUID, in transaction: (any Transaction)?) async throws
  /// Binds a lane to a machine; who holds it elsewhere loses it.
  func bindLane(_ id: UUID, to machine: String, in transaction: (any Transaction)?) async throws
  /// Raises the epoch of a lane above the known one, and returns it; nil where it is not `held` any more.
  func raiseEpoch(of id: UUID, from held: Int, above known: Int) async throws -> Int?
  /// The machine to which a lane is bound, if it is.
  func machine(ofLane id: UUID) async throws -> String?

  // MARK: Workers

  /// Declares all workers of a host dead and hands back their jobs, which it returns.
  func releaseWorkers(of host: String) async throws -> [UUID]
}

/// A job on its way into the queue.
package struct NewJob: Sendable {
  package let id: UUID
  package let kind: String
  /// Its content as JSON.
  package let body: Data
  package let options: EnqueueOptions

  package init(id: UUID, kind: String, body: Data, options: EnqueueOptions) {
    self.id = id
    self.kind = kind
    self.body = body
    self.options = options
  }
}

/// The right to write what becomes of a job: it is lost when the job changes hands.
package struct JobLease: Sendable, Hashable {
  package let job: UUID
  /// The fencing token.
  package let number: Int

  package init(job: UUID, number: Int) {
    self.job = job
    self.number = number
  }
}
