import FoundationEssentials
import Synchronization

/// A job that a worker is at, as the other parts of the worker see it: they may ask it to stop.
final class RunningJob: Sendable {
  /// Why a running job must stop.
  enum Stop: Sendable, Comparable {
    /// The worker is to end: after this step, or in the middle of it when the grace time is over.
    case release
    /// Someone asked for the job's end.
    case cancel
    /// The step took too long.
    case deadline
    /// The job is not ours any more.
    case leaseLost
  }

  private struct State {
    var stop: Stop?
    var step: Task<StepOutcome, any Error>?
    var deadline: Duration?
    var hasLogged = false
    var isProtected = false
  }

  let id: UUID
  let lease: Int
  private let state = Mutex(State())

  private let surroundings: TimeAndChance

  init(id: UUID, lease: Int, surroundings: TimeAndChance) {
    self.id = id
    self.lease = lease
    self.surroundings = surroundings
  }

  /// Why it must stop; nil while it may go on.
  var stop: Stop? { state.withLock { $0.stop } }

  /// Whether it has written a line or its progress, so that its step needs a row.
  var hasLogged: Bool { state.withLock { $0.hasLogged } }

  func noteLogging() {
    state.withLock { $0.hasLogged = true }
  }

  /// Asks it to stop, and cancels its step, unless it is asked to end only after that. A weightier reason
  /// replaces a lighter one. Past the point of no return and while it is undone, cancelling has no effect.
  func ask(_ reason: Stop, cancelsStep: Bool = true) {
    let step = state.withLock { state -> Task<StepOutcome, any Error>? in
      if reason == .cancel, state.isProtected { return nil }
      state.stop = max(state.stop ?? reason, reason)
      return cancelsStep ? state.step : nil
    }
    step?.cancel()
  }

  /// Cancels the step when its deadline is over.
  func check(deadlineAt now: Duration) {
    let isOver = state.withLock { state in state.step != nil && state.deadline.map { $0 <= now } ?? false }
    if isOver { ask(.deadline) }
  }

  /// From now on, a wish to cancel is not heard.
  func protect() {
    state.withLock { state in
      state.isProtected = true
      if state.stop == .cancel { state.stop = nil }
    }
  }

  /// Forgets that a deadline was over, since what follows has its own.
  func forgetDeadline() {
    state.withLock { state in
      if state.stop == .deadline { state.stop = nil }
    }
  }

  /// Runs a step as a task that can be cancelled on its own.
  func run(
    deadline: Duration, _ body: @escaping @Sendable () async throws -> StepOutcome
  ) async throws -> StepOutcome {
    let task = surroundings.task { try await body() }
    let isStopped = state.withLock { state in
      state.step = task
      state.deadline = surroundings.now + deadline
      return state.stop.map { $0 > .release } ?? false
    }
    if isStopped { task.cancel() }
    defer {
      state.withLock { state in
        state.step = nil
        state.deadline = nil
      }
    }
    return try await task.value
  }
}

/// The jobs that a worker is at.
final class RunningJobs: Sendable {
  private let jobs = Mutex<[UUID: RunningJob]>([:])

  var all: [RunningJob] { jobs.withLock { $0.values.sorted { $0.id < $1.id } } }
  var isEmpty: Bool { jobs.withLock { $0.isEmpty } }

  func add(_ job: RunningJob) {
    jobs.withLock { $0[job.id] = job }
  }

  func remove(_ job: RunningJob) {
    jobs.withLock { jobs in
      if jobs[job.id] === job { jobs[job.id] = nil }
    }
  }

  func find(_ id: UUID) -> RunningJob? { jobs.withLock { $0[id] } }
}
