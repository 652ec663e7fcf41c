import FoundationEssentials

/// Whatever keeps a queue, as a worker sees it.
///
/// What changes a job is told under which lease, and changes nothing once that is lost: it returns false then, or throws
/// `LeaseLost`.
package protocol WorkStore: Sendable {
  // MARK: The worker itself

  /// Enters a worker. What was written by a clock that has been set back since is made due.
  func register(_ worker: UUID, host: String, keepsLanes: Bool) async throws -> Registration
  /// Takes a worker out; its lanes are free.
  func unregister(_ worker: UUID) async throws
  /// Raises a worker's counter. Returns nil when it is not registered any more.
  func beat(_ worker: UUID) async throws -> Beat?
  /// Declares a worker dead unless its heart has beaten since, and hands back its jobs, which it returns.
  func bury(_ worker: UUID, beat: Int) async throws -> [UUID]
  /// Jobs that run under no registered worker wait again, under another lease. Returns them.
  func releaseOrphans() async throws -> [UUID]
  /// After the store's clock was set back: makes due what would wait for a time that was meant by the former one. Jobs
  /// that were asked for at a time of their own still wait for it. Returns how many.
  func bringForward() async throws -> Int
  /// Takes free lanes up to the worker's share and gives up what is more. Returns those that it holds then.
  func keepLanes(for worker: UUID, on machine: String) async throws -> [Lane]
  /// What calls for a look at the queue, whenever it happens.
  func wakeUps() -> any AsyncSequence<WakeUp, Never> & Sendable
  /// Ends it, when its worker has ended.
  func close() async

  // MARK: Taking jobs

  /// Gives jobs that are due to the worker.
  func claim(_ claim: Claim) async throws -> [ClaimedJob]
  /// Gives jobs to the worker whose end was asked for.
  func claimCancelled(upTo limit: Int, kinds: [String], worker: UUID) async throws -> [ClaimedJob]
  /// In how long the next job that is not due yet will be; nil when none waits.
  func nextDue(kinds: [String]) async throws -> Duration?
  /// The jobs that run under a worker.
  func held(by worker: UUID) async throws -> [HeldJob]

  // MARK: What becomes of a job

  /// The steps that were begun before, by name.
  func begunSteps(of job: UUID) async throws -> [String: StepPlace.Record]
  /// Records that a step is done, which ends its attempts and interruptions, and that the next one begins; either may be
  /// missing. A step that goes on after a snooze or an interruption keeps the time when it began and what it spent.
  func advance(_ lease: JobLease, done: String?, next: StepMark?) async throws -> Bool
  /// Gives the place back in the middle of a step.
  func leave(_ lease: JobLease, _ step: StepMark, _ leaving: Leaving) async throws -> Bool
  /// Queues the job again, at the step where it is.
  func release(_ lease: JobLease) async throws -> Bool
  /// Queues the job again for a time after that pause, as if its worker had died.
  func handBack(_ lease: JobLease, after pause: Duration, reason: String) async throws -> Bool
  /// Notes that the job goes backwards now, and how it will end.
  func turnBack(_ lease: JobLease, to end: JobState, reason: String?) async throws -> Bool
  /// Records that a step has been undone, which ends its attempts and interruptions.
  func undone(_ lease: JobLease, _ step: StepMark) async throws -> Bool
  /// Writes the final state, lets go whoever waits for the job, and runs the hook: all of it in one transaction.
  ///
  /// Done once more with the same outcome, it does nothing. Throws `LeaseLost`.
  func finish(
    _ lease: JobLease, _ outcome: JobOutcome, hook: @Sendable (any Transaction) async throws -> Void
  ) async throws
  /// Writes that many jobs have succeeded. Those whose lease is lost are left out.
  func succeed(_ leases: [JobLease]) async throws

  // MARK: What steps say

  /// Appends lines to logs, in their order. Those of lost leases are left out.
  func write(_ lines: [PendingLine]) async throws
  /// Notes how far steps are. Those of lost leases are left out.
  func write(_ progress: [PendingProgress]) async throws
}

/// What a worker learns when its heart beats.
package struct Beat: Sendable {
  /// The counters of the other workers.
  package var others: [UUID: Int]
  /// The store's wall clock.
  package var date: Date

  package init(others: [UUID: Int], date: Date) {
    self.others = others
    self.date = date
  }
}

/// What a store says to a worker that begins.
package struct Registration: Sendable {
  /// The store's wall clock, read before it looked for jobs that were written by a later one.
  package var date: Date
  /// How many such jobs there were.
  package var early: Int

  package init(date: Date, early: Int) {
    self.date = date
    self.early = early
  }
}

/// A job that runs under a worker, as the store has it.
package struct HeldJob: Sendable, Hashable {
  package let lease: JobLease
  /// Whether someone asked for its end.
  package let isCancelRequested: Bool

  package init(lease: JobLease, isCancelRequested: Bool) {
    self.lease = lease
    self.isCancelRequested = isCancelRequested
  }
}

/// Why a worker should look at the queue.
package enum WakeUp: Sendable, Hashable {
  /// There may be something to claim, or something was missed.
  case news
  /// Someone asked for the end of that job.
  case cancelled(UUID)
  /// A lane has become free, or is new.
  case lanes
}

/// A step by its place and its name.
package struct StepMark: Sendable, Hashable {
  package let position: Int
  package let name: String

  package init(_ position: Int, _ name: String) {
    self.position = position
    self.name = name
  }
}

/// How a job waits in the middle of a step.
package struct Leaving: Sendable, Hashable {
  /// `running` when the step goes on, `waiting` when it begins anew.
  package var stepState: StepState
  /// How long the step has taken by now, where it goes on.
  package var spent = Duration.zero
  /// How long the job waits, unless it is woken.
  package var pause: Duration
  /// How long the step has waited by now for what is away; nil when it waits for nothing.
  package var awaited: Duration?
  /// The attempt with which it goes on; nil is the present one.
  package var attempt: Int?
  /// What people are told.
  package var reason: String
  /// How often the job had been woken when it was claimed: it is due at once when it was since. Nil does not ask.
  package var wakes: Int?

  package init(
    _ stepState: StepState, spent: Duration = .zero, pause: Duration, awaited: Duration? = nil,
    attempt: Int? = nil, reason: String, wakes: Int? = nil
  ) {
    self.stepState = stepState
    self.spent = spent
    self.pause = pause
    self.awaited = awaited
    self.attempt = attempt
    self.reason = reason
    self.wakes = wakes
  }
}
