/// One named part of a job, which is recorded when it is done and never run again then.
///
/// It may be cut off anywhere and run again, by another process too, so it looks before it acts.
public struct Step<J: Job>: Sendable {
  /// What a step does.
  public typealias Run = @Sendable (J, StepRun, J.Context) async throws -> StepOutcome

  /// How a step is undone when the job is cancelled.
  public enum Undo: Sendable {
    /// It leaves nothing that would have to be removed.
    case nothing
    /// From its beginning on, the job can only go forward: cancelling has no effect any more.
    case pointOfNoReturn
    /// By this, which also looks before it acts: the step may have been cut off anywhere.
    case by(@Sendable (J, StepRun, J.Context) async throws -> Void)
  }

  /// What people see, unique among the job's steps.
  public let name: String
  /// How long it may take, waiting in a snooze included; then it is cancelled and the job fails.
  public let deadline: Duration
  /// How it is undone.
  public let undo: Undo
  /// What it does.
  public let run: Run

  /// A step of a job.
  public init(_ name: String, deadline: Duration, undo: Undo = .nothing, run: @escaping Run) {
    self.name = name
    self.deadline = deadline
    self.undo = undo
    self.run = run
  }
}

/// What a step that did not throw wants next.
public enum StepOutcome: Sendable, Hashable {
  /// It is done; the next one follows.
  case done
  /// It waits for something: its place in the worker goes to others, and the same step runs again after that
  /// time or when `JobQueue.wake` is called. The reason is shown to people.
  case snooze(Duration, String)
}
