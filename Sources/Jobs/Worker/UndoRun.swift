extension JobRun {
  /// Goes backwards through the steps that were begun, up to the point of no return, and ends the job.
  ///
  /// Like the way forward it can be interrupted anywhere and is taken up again.
  ///
  /// - Parameter awaited: how long steps have waited for what was away, if they are undone already.
  func undo(_ begun: [Int], awaited: [Int: Duration] = [:], to end: JobState, reason: String?) async throws {
    running.protect()
    running.forgetDeadline()
    if claim.undoTo == nil { try await ledger.turnBack(to: end, reason) }
    // The attempts of the claim belong to the step that it was taken up at: the first one that has to be undone.
    var attempt = claim.undoTo == nil ? 1 : claim.attempt
    for position in begun.reversed() {
      let step = steps[position]
      switch step.undo {
      case .nothing: continue
      case .pointOfNoReturn: return try await finish(end, reason)
      case .by(let undo):
        switch running.stop {
        case .leaseLost: throw LeaseLost()
        case .release: return try await ledger.release()
        default: break
        }
        let begin = engine.surroundings.now
        do {
          let said = stepRun(step, position, attempt)
          if awaited[position] == nil { said.log("undoing '\(step.name)'") }
          _ = try await running.run(deadline: step.deadline) { [job, context] in
            try await undo(job, said, context)
            return .done
          }
        } catch {
          return try await undoFailed(
            position, attempt, error, reason, awaited: awaited[position],
            after: engine.surroundings.now - begin)
        }
        running.forgetDeadline()
        attempt = 1
        try await ledger.undone(StepMark(position, step.name))
      }
    }
    try await finish(end, reason)
  }

  private func undoFailed(
    _ position: Int, _ attempt: Int, _ error: any Error, _ reason: String?, awaited: Duration?,
    after passed: Duration
  ) async throws {
    let step = steps[position]
    var error = error
    switch running.stop {
    case .leaseLost: throw LeaseLost()
    case .release where error is CancellationError: return try await ledger.release()
    case .deadline:
      running.forgetDeadline()
      error = DeadlineExceeded(step: step.name, deadline: step.deadline)
    default: break
    }
    if let wait = error as? Await {
      do {
        try wait.goesOn(after: awaited)
        if awaited == nil { stepRun(step, position, attempt).log(wait.reason, level: .warning) }
        return try await ledger.await(
          StepMark(position, step.name), attempt: attempt, awaited: (awaited ?? .zero) + passed, wait)
      } catch let end as AwaitedInVain {
        error = end
      }
    }
    let pause = engine.pause(afterAttempt: attempt)
    if let retryable = error as? any RetryableError, retryable.isRetryable, attempt < J.maxAttempts {
      let text = "undoing '\(step.name)': \(error); trying again in \(pause.formattedForPeople)"
      stepRun(step, position, attempt).log(text, level: .warning)
      return try await ledger.retry(StepMark(position, step.name), attempt: attempt, pause, text)
    }
    let text =
      "'\(step.name)' could not be undone: \(error)\(reason.map { "; it was undone because: \($0)" } ?? "")"
    stepRun(step, position, attempt).log(text, level: .error)
    try await finish(.failed(reason: text))
  }

  private func finish(_ end: JobState, _ reason: String?) async throws {
    try await finish(end == .cancelled ? .cancelled : .failed(reason: reason ?? "undone after a failure"))
  }
}
