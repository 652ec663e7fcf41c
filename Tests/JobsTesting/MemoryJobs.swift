import FoundationEssentials
import Jobs
import Synchronization

/// The tables of a queue in memory, and those who listen to it.
final class MemoryJobs: Sendable {
  /// A row of the table of jobs.
  struct Job: Sendable {
    var id: UUID
    var kind: String
    var body: Data
    var options: EnqueueOptions
    var state = JobState.queued
    var runAt: Date
    var waitsFor: UUID?
    var supersededBy: UUID?
    var isCancelRequested = false
    var undoTo: JobState?
    var undoReason: String?
    var reason: String?
    var worker: UUID?
    var lease = 0
    var attempt = 1
    var interruptions = 0
    var wakes = 0
    var createdAt: Date
    var startedAt: Date?
    var finishedAt: Date?
    var steps: [Step] = []
    var log: [JobLogLine] = []

    var isWaiting: Bool { (state == .queued || state == .snoozed) && waitsFor == nil }
    var isActive: Bool { !state.isFinal && supersededBy == nil }

    func isHeld(by lease: JobLease) -> Bool { self.lease == lease.number && worker != nil }

    var record: JobRecord {
      JobRecord(
        id: id, kind: kind, state: state, subject: options.subject, organisation: options.organisation,
        requestedBy: options.requestedBy, priority: options.priority, runAt: runAt, attempt: attempt,
        interruptions: interruptions, isCancelRequested: isCancelRequested, reason: reason,
        waitsFor: waitsFor,
        supersededBy: supersededBy, createdAt: createdAt, startedAt: startedAt, finishedAt: finishedAt)
    }
  }

  /// A row of the table of steps.
  struct Step: Sendable {
    var position: Int
    var name: String
    var state: StepState
    var progress: Double?
    var progressText: String?
    var startedAt: Date
    var finishedAt: Date?
    var spent = Duration.zero
    var awaited: Duration?
    var leftAt: Date?
    var pause: Duration?

    var record: StepRecord {
      StepRecord(
        position: position, name: name, state: state, progress: progress, progressText: progressText,
        startedAt: startedAt, finishedAt: finishedAt)
    }
  }

  struct Worker: Sendable {
    var host: String
    var keepsLanes: Bool
    var beat = 0
  }

  struct LaneRow: Sendable {
    var machine: String?
    var holder: UUID?
    var epoch = 0
  }

  private struct Listeners {
    var wakeUps: [(number: Int, stream: AsyncStream<WakeUp>.Continuation)] = []
    var progress: [(number: Int, stream: AsyncStream<[UUID]>.Continuation)] = []
    var number = 0
  }

  let database: MemoryDatabase
  private let date: @Sendable () -> Date
  /// Jobs that have not ended are apart, since all that workers look for is among them.
  private let open = MemoryTable<UUID, Job>()
  private let ended = MemoryTable<UUID, Job>()
  private let subjects = MemoryTable<UUID, UUID>()
  let keys = MemoryTable<String, UUID>()
  let workers = MemoryTable<UUID, Worker>()
  let lanes = MemoryTable<UUID, LaneRow>()
  private let listeners = Mutex(Listeners())

  init(_ database: MemoryDatabase, date: @escaping @Sendable () -> Date) {
    self.database = database
    self.date = date
  }

  /// The store's own wall clock.
  var now: Date { date() }

  // MARK: - Jobs

  func job(_ id: UUID, in transaction: MemoryTransaction) -> Job? {
    open.get(id, in: transaction) ?? ended.get(id, in: transaction)
  }

  func active(on subject: UUID?, in transaction: MemoryTransaction) -> Job? {
    subject.flatMap { subjects.get($0, in: transaction) }.flatMap { open.get($0, in: transaction) }
  }

  func openJobs(in transaction: MemoryTransaction, where holds: (Job) -> Bool) -> [Job] {
    open.all(in: transaction, where: holds).map(\.row)
  }

  func allJobs(in transaction: MemoryTransaction, where holds: (Job) -> Bool) -> [Job] {
    (open.all(in: transaction, where: holds) + ended.all(in: transaction, where: holds)).map(\.row)
  }

  /// Writes a job, new or changed.
  func put(_ job: Job, in transaction: MemoryTransaction) {
    open.set(job.id, job.state.isFinal ? nil : job, in: transaction)
    if job.state.isFinal { ended.set(job.id, job, in: transaction) }
    guard let subject = job.options.subject else { return }
    if job.isActive {
      subjects.set(subject, job.id, in: transaction)
    } else if subjects.get(subject, in: transaction) == job.id {
      subjects.set(subject, nil, in: transaction)
    }
  }

  /// Changes a job that is held under a lease. Returns whether it is.
  func change(_ lease: JobLease, in transaction: MemoryTransaction, _ body: (inout Job) -> Void) -> Bool {
    guard var job = open.get(lease.job, in: transaction), job.isHeld(by: lease) else { return false }
    body(&job)
    put(job, in: transaction)
    return true
  }

  /// Jobs of workers that are not registered wait again.
  func releaseOrphans(in transaction: MemoryTransaction) -> [UUID] {
    let orphans = openJobs(in: transaction) { $0.state == .running }.filter { job in
      job.worker.map { workers.get($0, in: transaction) == nil } ?? true
    }
    for var job in orphans {
      job.state = .queued
      job.worker = nil
      job.lease += 1
      job.runAt = now
      job.interruptions += 1
      job.reason = "its worker died"
      put(job, in: transaction)
    }
    if !orphans.isEmpty { tell(.news, .lanes, in: transaction) }
    return orphans.map(\.id)
  }

  /// Takes a worker out, and its lanes from it.
  func remove(worker: UUID, in transaction: MemoryTransaction) {
    workers.set(worker, nil, in: transaction)
    for (id, var lane) in lanes.all(in: transaction, where: { $0.holder == worker }) {
      lane.holder = nil
      lanes.set(id, lane, in: transaction)
    }
  }

  /// Lets go whoever waits for the end of a job.
  func free(waitingFor id: UUID, in transaction: MemoryTransaction) {
    for var job in openJobs(in: transaction, where: { $0.waitsFor == id }) {
      job.waitsFor = nil
      job.runAt = min(job.runAt, now)
      put(job, in: transaction)
      tell(.news, in: transaction)
    }
  }

  // MARK: - Those who listen

  func wakeUps() -> AsyncStream<WakeUp> {
    let (stream, continuation) = AsyncStream.makeStream(of: WakeUp.self)
    let number = listeners.withLock { listeners in
      listeners.number += 1
      listeners.wakeUps.append((listeners.number, continuation))
      return listeners.number
    }
    continuation.onTermination = { [weak self] _ in
      self?.listeners.withLock { $0.wakeUps.removeAll { $0.number == number } }
    }
    continuation.yield(.news)
    return stream
  }

  func progress() -> AsyncStream<[UUID]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [UUID].self)
    let number = listeners.withLock { listeners in
      listeners.number += 1
      listeners.progress.append((listeners.number, continuation))
      return listeners.number
    }
    continuation.onTermination = { [weak self] _ in
      self?.listeners.withLock { $0.progress.removeAll { $0.number == number } }
    }
    continuation.yield([])
    return stream
  }

  /// Tells when the transaction is committed.
  func tell(_ wakeUps: WakeUp..., in transaction: MemoryTransaction) {
    transaction.afterCommit { [self] in
      for (_, stream) in listeners.withLock({ $0.wakeUps }) {
        for wakeUp in wakeUps { stream.yield(wakeUp) }
      }
    }
  }

  /// Tells when the transaction is committed.
  func tell(progressOf jobs: [UUID], in transaction: MemoryTransaction) {
    transaction.afterCommit { [self] in
      for (_, stream) in listeners.withLock({ $0.progress }) { stream.yield(jobs) }
    }
  }
}
