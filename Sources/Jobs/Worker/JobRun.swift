import FoundationEssentials
import Logging

/// One claimed job on its way through its steps, as far as it gets.
struct JobRun<J: Job>: Sendable {
  let job: J
  let steps: [Step<J>]
  let context: J.Context
  let claim: ClaimedJob
  let running: RunningJob
  let engine: WorkerEngine
  let ledger: JobLedger

  init(
    job: J, steps: [Step<J>], context: J.Context, claim: ClaimedJob, running: RunningJob, engine: WorkerEngine
  ) {
    self.job = job
    self.steps = steps
    self.context = context
    self.claim = claim
    self.running = running
    self.engine = engine
    ledger = JobLedger(claim: claim, running: running, engine: engine)
  }

  /// How often a worker may die at the same step before the job is given up: a job that kills whoever takes it
  /// must not go round for ever.
  static var maxInterruptions: Int { 25 }

  func run() async {
    do {
      try await goOn()
    } catch is LeaseLost {
      engine.logger.notice("job \(claim.id) (\(J.kind)) has gone to another worker")
    } catch {
      engine.logger.error("the state of job \(claim.id) (\(J.kind)) could not be written: \(error)")
    }
  }

  private func goOn() async throws {
    // The first time there is nothing to look up.
    var place = StepPlace(
      steps: steps.map(\.name), recorded: claim.lease > 1 ? try await ledger.steps() : [:])
    if place.begun.contains(where: { steps[$0].isPointOfNoReturn }) { running.protect() }
    if claim.interruptions >= Self.maxInterruptions {
      return try await giveUp(at: place.next)
    }
    if let end = claim.undoTo {
      return try await undo(
        place.begunOrFirst(isResumed: claim.lease > 1), awaited: place.awaited, to: end,
        reason: claim.undoReason)
    }
    if claim.isCancelRequested { running.ask(.cancel) }
    while let position = place.next {
      if try await stopsHere(&place) { return }
      guard try await isDone(position, &place) else { return }
    }
    try await finish(.succeeded)
  }

  /// Between two steps: whether the job turns back or is handed to another worker. What is done is recorded.
  private func stopsHere(_ place: inout StepPlace) async throws -> Bool {
    guard let stop = running.stop else { return false }
    if let done = place.takeUnrecorded() { try await ledger.advance(done: steps[done].name, next: nil) }
    switch stop {
    case .cancel:
      try await undo(place.begunOrFirst(isResumed: claim.lease > 1), to: .cancelled, reason: nil)
    case .release: try await ledger.release()
    case .leaseLost: throw LeaseLost()
    case .deadline:
      running.forgetDeadline()
      return false
    }
    return true
  }

  /// Runs one step. Returns whether it is done; otherwise the job has been snoozed, turned back or ended.
  private func isDone(_ position: Int, _ place: inout StepPlace) async throws -> Bool {
    let step = steps[position]
    if place.keepsRows {
      let done = place.takeUnrecorded().map { steps[$0].name }
      try await ledger.advance(done: done, next: StepMark(position, step.name))
    }
    place.begin(position)
    if step.isPointOfNoReturn { running.protect() }
    let attempt = place.isFirstSinceClaim(position) ? claim.attempt : 1
    engine.crashPoint.reach(J.kind, step.name, "before", interruptions: claim.interruptions)
    let begin = engine.surroundings.now
    let left = max(.zero, step.deadline - place.elapsed(position))
    do {
      let said = stepRun(step, position, attempt)
      let outcome = try await running.run(deadline: left) { [job, context] in
        try await step.run(job, said, context)
      }
      switch outcome {
      case .done:
        engine.crashPoint.reach(J.kind, step.name, "after", interruptions: claim.interruptions)
        running.forgetDeadline()
        place.end(position)
        return true
      case .snooze(let pause, let reason):
        if let stop = running.stop, stop > .release { throw CancellationError() }
        guard engine.surroundings.now - begin < left else {
          throw DeadlineExceeded(step: step.name, deadline: step.deadline)
        }
        try await ledger.snooze(
          StepMark(position, step.name), spent: step.deadline - left + (engine.surroundings.now - begin),
          pause, reason)
        return false
      }
    } catch is LeaseLost {
      throw LeaseLost()
    } catch {
      try await stepFailed(position, attempt, error, place, after: engine.surroundings.now - begin)
      return false
    }
  }

  /// A step threw: because it was asked to stop, for now, or for good.
  private func stepFailed(
    _ position: Int, _ attempt: Int, _ error: any Error, _ place: StepPlace, after passed: Duration
  ) async throws {
    let step = steps[position]
    var error = error
    switch running.stop {
    case .leaseLost: throw LeaseLost()
    case .cancel:
      return try await undo(place.begun, to: .cancelled, reason: nil)
    case .release where error is CancellationError:
      return try await ledger.release()
    case .deadline:
      running.forgetDeadline()
      error = DeadlineExceeded(step: step.name, deadline: step.deadline)
    case .release, nil: break
    }
    if let wait = error as? Await {
      do {
        try wait.goesOn(after: place.awaited[position])
        // Once: it looks again and again.
        if place.awaited[position] == nil {
          stepRun(step, position, attempt).log(wait.reason, level: .warning)
        }
        return try await ledger.await(
          StepMark(position, step.name), attempt: attempt,
          awaited: (place.awaited[position] ?? .zero) + passed, wait)
      } catch let end as AwaitedInVain {
        error = end
      }
    }
    let pause = engine.pause(afterAttempt: attempt)
    if let retryable = error as? any RetryableError, retryable.isRetryable, attempt < J.maxAttempts {
      let text =
        "\(step.name): \(error); trying again in \(pause.formattedForPeople) "
        + "(attempt \(attempt + 1) of \(J.maxAttempts))"
      stepRun(step, position, attempt).log(text, level: .warning)
      return try await ledger.retry(StepMark(position, step.name), attempt: attempt, pause, text)
    }
    let reason = "\(step.name): \(error)"
    stepRun(step, position, attempt).log(reason, level: .error)
    if J.isUndoneOnFailure { return try await undo(place.begun, to: .failed, reason: reason) }
    try await finish(.failed(reason: reason))
  }

  private func giveUp(at position: Int?) async throws {
    let name = position.map { steps[$0].name } ?? "end"
    let reason = "given up: the worker died \(claim.interruptions) times while it was at '\(name)'"
    running.protect()
    try await finish(.failed(reason: reason))
  }

  func stepRun(_ step: Step<J>, _ position: Int, _ attempt: Int) -> StepRun {
    StepRun(
      jobID: claim.id, attempt: attempt, lease: claim.lease, epoch: claim.epoch, step: step.name,
      position: position,
      running: running, engine: engine)
  }

  /// Writes the final state. A hook that throws makes the job fail, and is told so; one that throws then too is
  /// left out, so that the job ends in any case.
  func finish(_ outcome: JobOutcome) async throws {
    if outcome == .succeeded, J.self is any PlainJob.Type, claim.lease == 1, steps.count == 1,
      !running.hasLogged
    {
      return engine.complete(claim)
    }
    let hook: @Sendable (JobOutcome, any Transaction) async throws -> Void = {
      [job, context] outcome, transaction in
      try await job.finished(outcome, context, transaction)
    }
    do {
      try await ledger.finish(outcome, hook: hook)
    } catch let error where !(error is LeaseLost) {
      let reason = "\(outcome.reason.map { "\($0); " } ?? "")its end could not be recorded: \(error)"
      engine.logger.error("job \(claim.id) (\(J.kind)): \(reason)")
      do {
        try await ledger.finish(.failed(reason: reason), hook: hook)
      } catch let error where !(error is LeaseLost) {
        engine.logger.critical("job \(claim.id) (\(J.kind)) ends without its hook: \(error)")
        try await ledger.finish(.failed(reason: reason)) { _, _ in }
      }
    }
  }
}

extension Step {
  var isPointOfNoReturn: Bool {
    if case .pointOfNoReturn = undo { true } else { false }
  }
}

extension WorkerEngine {
  /// Ends a job whose content this program cannot read, without its hook, which would need it.
  func finishUnreadable(_ claim: ClaimedJob, _ running: RunningJob, reason: String) async {
    logger.error("job \(claim.id) (\(claim.kind)) fails: \(reason)")
    do {
      try await JobLedger(claim: claim, running: running, engine: self).finish(.failed(reason: reason)) {
        _, _ in
      }
    } catch {
      logger.error("the state of job \(claim.id) (\(claim.kind)) could not be written: \(error)")
    }
  }
}
