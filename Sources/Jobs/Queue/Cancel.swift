import FoundationEssentials

extension JobQueue {
  /// What asking for a job's end gives.
  public enum CancelAnswer: Sendable, Hashable {
    /// It will end as cancelled once what it did is undone, or go on when it is past its point of no return.
    case requested
    /// It had ended before.
    case alreadyFinal(JobState)
  }

  /// Asks for a job's end. The running step is cancelled, then the steps are undone in reverse.
  ///
  /// Throws `JobNotFound`.
  @discardableResult
  public func cancel(_ id: UUID, in transaction: (any Transaction)? = nil) async throws -> CancelAnswer {
    try await store.cancel(id, in: transaction)
  }

  /// Runs at once those jobs on `subjects` of which a step threw `Await`, also those that are about to.
  ///
  /// Returns how many wait.
  @discardableResult
  public func wakeWaiting(on subjects: [UUID]) async throws -> Int {
    subjects.isEmpty ? 0 : try await store.wakeWaiting(on: subjects)
  }

  /// Runs a snoozed job at once, also one that is about to snooze. Jobs in other states are not changed.
  public func wake(_ id: UUID, in transaction: (any Transaction)? = nil) async throws {
    try await store.wake(id, in: transaction)
  }
}
