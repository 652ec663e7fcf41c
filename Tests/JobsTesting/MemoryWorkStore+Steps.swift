import FoundationEssentials
import Jobs

extension MemoryWorkStore {
  func begunSteps(of job: UUID) async throws -> [String: StepPlace.Record] {
    try await jobs.database.run(in: nil) { transaction in
      let now = jobs.now
      return (jobs.job(job, in: transaction)?.steps ?? []).reduce(into: [:]) { steps, step in
        let passed = step.leftAt.map { Duration.seconds(now.timeIntervalSince($0)) } ?? .zero
        let paused = min(max(passed, .zero), step.pause ?? .zero)
        steps[step.name] = StepPlace.Record(
          state: step.state, elapsed: step.spent + paused, awaited: step.awaited.map { $0 + paused })
      }
    }
  }

  func advance(_ lease: JobLease, done: String?, next: StepMark?) async throws -> Bool {
    try await change(lease) { job, now in
      if let done {
        (job.attempt, job.interruptions) = (1, 0)
        for index in job.steps.indices where job.steps[index].name == done {
          job.steps[index].end(.done, at: now)
          (job.steps[index].progress, job.steps[index].progressText) = (nil, nil)
        }
      }
      guard let next else { return }
      job.change(next, else: .running, at: now) { step in
        if step.state != .running { (step.startedAt, step.spent, step.leftAt) = (now, .zero, nil) }
        (step.state, step.finishedAt) = (.running, nil)
      }
    }
  }

  func leave(_ lease: JobLease, _ step: StepMark, _ leaving: Leaving) async throws -> Bool {
    try await change(lease, wakes: true) { job, now in
      job.worker = nil
      job.state = .snoozed
      job.reason = leaving.reason
      job.attempt = leaving.attempt ?? job.attempt
      let isWoken = leaving.wakes.map { $0 != job.wakes } ?? false
      job.runAt = isWoken ? now : now + leaving.pause.inSeconds
      job.change(step, else: leaving.stepState, at: job.startedAt ?? now) { step in
        step.state = leaving.stepState
        (step.spent, step.awaited) = (leaving.spent, leaving.awaited)
        (step.leftAt, step.pause) = (now, leaving.pause)
      }
    }
  }

  func release(_ lease: JobLease) async throws -> Bool {
    try await change(lease, wakes: true) { job, now in
      (job.state, job.worker, job.runAt) = (.queued, nil, now)
    }
  }

  func turnBack(_ lease: JobLease, to end: JobState, reason: String?) async throws -> Bool {
    try await change(lease) { job, _ in
      (job.undoTo, job.undoReason) = (end, reason)
      (job.attempt, job.interruptions) = (1, 0)
    }
  }

  func undone(_ lease: JobLease, _ step: StepMark) async throws -> Bool {
    try await change(lease) { job, now in
      (job.attempt, job.interruptions) = (1, 0)
      job.change(step, else: .undone, at: now) { $0.end(.undone, at: now) }
    }
  }

  func finish(
    _ lease: JobLease, _ outcome: JobOutcome, hook: @Sendable (any Transaction) async throws -> Void
  ) async throws {
    try await jobs.database.transaction { transaction in
      guard end(lease, outcome, in: transaction) else {
        // Lost, unless the answer to the commit was.
        let job = jobs.job(lease.job, in: transaction)
        guard job?.lease == lease.number, job?.state == outcome.state else { throw LeaseLost() }
        return
      }
      try await hook(transaction)
    }
  }

  func succeed(_ leases: [JobLease]) async throws {
    try await jobs.database.run(in: nil) { transaction in
      for lease in leases { _ = end(lease, .succeeded, in: transaction) }
    }
  }

  private func end(_ lease: JobLease, _ outcome: JobOutcome, in transaction: MemoryTransaction) -> Bool {
    let now = jobs.now
    let isOurs = jobs.change(lease, in: transaction) { job in
      job.state = outcome.state
      job.reason = if case .failed(let reason) = outcome { reason } else { nil }
      job.worker = nil
      job.finishedAt = now
      let end: StepState =
        switch outcome {
        case .succeeded: .done
        case .failed: .failed
        case .cancelled: .undone
        }
      for index in job.steps.indices where [.running, .waiting].contains(job.steps[index].state) {
        job.steps[index].end(end, at: now)
      }
    }
    guard isOurs else { return false }
    jobs.free(waitingFor: lease.job, in: transaction)
    jobs.tell(progressOf: [lease.job], in: transaction)
    return true
  }

  private func change(
    _ lease: JobLease, wakes: Bool = false, _ body: @Sendable (inout MemoryJobs.Job, Date) -> Void
  ) async throws -> Bool {
    try await jobs.database.run(in: nil) { transaction in
      let now = jobs.now
      guard jobs.change(lease, in: transaction, { body(&$0, now) }) else { return false }
      jobs.tell(progressOf: [lease.job], in: transaction)
      if wakes { jobs.tell(.news, in: transaction) }
      return true
    }
  }
}

extension MemoryJobs.Step {
  fileprivate mutating func end(_ state: StepState, at now: Date) {
    self.state = state
    finishedAt = now
    awaited = nil
  }
}
