import FoundationEssentials

/// What a running step can say and ask.
public struct StepRun: Sendable {
  /// The job's number, for names of detached work and labels.
  public let jobID: UUID
  /// How often this step has been tried, this time included.
  public let attempt: Int
  /// The fencing token: raised whenever the job changes hands, so a larger one is always the newer owner.
  public let lease: Int
  /// The epoch of the job's lane while this worker has held it without a break; nil for a job without a lane.
  public let epoch: Int?
  /// The step's name.
  public let step: String
  let position: Int
  let running: RunningJob
  let engine: WorkerEngine

  /// Adds a line to the job's log. What is secret must not be in it. Returns at once; lines are written together.
  public func log(_ line: String, level: JobLogLevel = .info) {
    running.noteLogging()
    engine.logs.append(
      PendingLine(
        job: jobID, lease: lease, at: engine.surroundings.date, level: level, step: step, position: position,
        line: line))
  }

  /// Tells how far the step is, from 0 to 1, and what it is at. Returns at once.
  public func progress(_ fraction: Double, _ text: String) {
    running.noteLogging()
    engine.logs.progress(
      PendingProgress(
        job: jobID, lease: lease, step: step, position: position, fraction: min(max(fraction, 0), 1),
        text: text))
  }

  /// Throws when the step should not go on: `LeaseLost` when the job is, or may be, another worker's, and
  /// `CancellationError` when its end was asked for or its time is over. To be called before each effect.
  public func checkpoint() throws {
    switch running.stop {
    case .leaseLost: throw LeaseLost()
    case .cancel, .deadline: throw CancellationError()
    case .release, nil: break
    }
    try Task.checkCancellation()
    // A process that was stopped for a while learns it from its own clock, before it learns from the database
    // that it was declared dead.
    if engine.heart.isTooOld { throw LeaseLost() }
  }

  /// Whether the step is cancelled since the job's end was asked for or its own time is over, and not since this worker
  /// ends, after which it goes on elsewhere.
  public var isCalledOff: Bool { running.stop == .cancel || running.stop == .deadline }

  /// A transaction that can only commit while the job is ours: whoever takes the job over waits for its end.
  ///
  /// Throws `LeaseLost` when the job is not ours any more; nothing was done then.
  public func guarded<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    do {
      return try await engine.queue.store.guarded(
        by: JobLease(job: jobID, number: lease), isolation: isolation, body)
    } catch let error as LeaseLost {
      running.ask(.leaseLost)
      throw error
    }
  }
}
