import FoundationEssentials

/// Writes what becomes of one claimed job, and tries again while its store is away. `LeaseLost` is thrown once the job has
/// gone to another worker.
struct JobLedger: Sendable {
  let claim: ClaimedJob
  let running: RunningJob
  let engine: WorkerEngine

  private var store: any WorkStore { engine.store }
  private var lease: JobLease { claim.token }

  /// The steps that were begun before, by name.
  func steps() async throws -> [String: StepPlace.Record] {
    try await engine.persistently(running) { try await store.begunSteps(of: claim.id) }
  }

  /// Records that a step is done and that the next one begins; either may be missing.
  func advance(done: String?, next: StepMark?) async throws {
    try await change { try await store.advance(lease, done: done, next: next) }
  }

  /// Gives the place back until the time has come or someone wakes the job; at once if someone did meanwhile.
  ///
  /// - Parameter spent: how long the step has taken by now.
  func snooze(_ step: StepMark, spent: Duration, _ pause: Duration, _ reason: String) async throws {
    try await leave(
      step, Leaving(.running, spent: spent, pause: pause, reason: reason, wakes: claim.wakes))
  }

  /// Gives the place back until what the step waits for is there, or the pause is over. The step then begins anew,
  /// with the attempts that it had.
  ///
  /// - Parameter awaited: how long it has waited for that by now.
  func await(_ step: StepMark, attempt: Int, awaited: Duration, _ wait: Await) async throws {
    try await leave(
      step,
      Leaving(
        .waiting, pause: wait.pause, awaited: awaited, attempt: attempt, reason: wait.reason,
        wakes: claim.wakes))
  }

  /// Tries the step again after a pause.
  func retry(_ step: StepMark, attempt: Int, _ pause: Duration, _ reason: String) async throws {
    try await leave(step, Leaving(.waiting, pause: pause, attempt: attempt + 1, reason: reason))
  }

  /// Hands the job to the next worker, at the step where it is.
  func release() async throws {
    try await change { try await store.release(lease) }
  }

  /// Notes that the job goes backwards now and how it will end.
  func turnBack(to end: JobState, _ reason: String?) async throws {
    try await change { try await store.turnBack(lease, to: end, reason: reason) }
  }

  /// Records that a step has been undone.
  func undone(_ step: StepMark) async throws {
    try await change { try await store.undone(lease, step) }
  }

  /// Writes the final state and runs what the job does then, in one transaction.
  func finish(
    _ outcome: JobOutcome, hook: @escaping @Sendable (JobOutcome, any Transaction) async throws -> Void
  ) async throws {
    if running.hasLogged { await engine.logs.flush() }
    try await engine.persistently(running) {
      try await store.finish(lease, outcome) { try await hook(outcome, $0) }
    }
  }

  /// Gives the job away in the middle of a step, which has a row from then on.
  private func leave(_ step: StepMark, _ leaving: Leaving) async throws {
    if running.hasLogged { await engine.logs.flush() }
    try await change { try await store.leave(lease, step, leaving) }
    engine.wakeAfter(leaving.pause)
  }

  private func change(_ statement: () async throws -> Bool) async throws {
    let isOurs = try await engine.persistently(running) { try await statement() }
    guard !isOurs else { return }
    running.ask(.leaseLost)
    throw LeaseLost()
  }
}
