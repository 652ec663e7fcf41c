import FoundationEssentials
import Jobs

/// A queue in memory, with the same contract as the one in PostgreSQL.
package struct MemoryJobStore: JobStore {
  let jobs: MemoryJobs

  /// An empty queue in that database, whose wall clock is `date`.
  package init(_ database: MemoryDatabase, date: @escaping @Sendable () -> Date = { Date() }) {
    jobs = MemoryJobs(database, date: date)
  }

  package func transaction<Result: Sendable>(
    isolation: isolated (any Actor)?, _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    try await jobs.database.transaction { try await body($0) }
  }

  package func guarded<Result: Sendable>(
    by lease: JobLease, isolation: isolated (any Actor)?,
    _ body: (any Transaction) async throws -> sending Result
  ) async throws -> sending Result {
    try await jobs.database.transaction { transaction in
      guard let job = jobs.job(lease.job, in: transaction), job.isHeld(by: lease) else { throw LeaseLost() }
      return try await body(transaction)
    }
  }

  package func forWorker() -> any WorkStore { MemoryWorkStore(jobs: jobs) }

  // MARK: - Asking for jobs

  package func enqueue(_ job: NewJob, in transaction: (any Transaction)?) async throws -> EnqueuedJob {
    try await jobs.database.run(in: transaction) { transaction in
      if let key = job.options.idempotencyKey, let known = jobs.keys.get(key, in: transaction) {
        return EnqueuedJob(id: known, isNew: false)
      }
      var former = jobs.active(on: job.options.subject, in: transaction)
      if let active = former, !job.options.superseding {
        throw JobConflict(activeJobID: active.id, kind: active.kind)
      }
      if former != nil {
        former?.supersededBy = job.id
        former?.isCancelRequested = true
        if let active = former {
          var superseded = active
          if superseded.state != .running { superseded.runAt = min(superseded.runAt, jobs.now) }
          jobs.put(superseded, in: transaction)
          jobs.tell(.cancelled(superseded.id), .news, in: transaction)
        }
      }
      insert(job, waitsFor: former?.id, in: transaction)
      return EnqueuedJob(id: job.id, isNew: true)
    }
  }

  package func enqueue(contentsOf new: [NewJob], in transaction: (any Transaction)?) async throws {
    try await jobs.database.run(in: transaction) { transaction in
      for job in new { insert(job, waitsFor: nil, in: transaction) }
    }
  }

  private func insert(_ job: NewJob, waitsFor: UUID?, in transaction: MemoryTransaction) {
    let now = jobs.now
    jobs.put(
      MemoryJobs.Job(
        id: job.id, kind: job.kind, body: job.body, options: job.options, runAt: job.options.runAt ?? now,
        waitsFor: waitsFor, createdAt: now), in: transaction)
    if let key = job.options.idempotencyKey { jobs.keys.set(key, job.id, in: transaction) }
    jobs.tell(.news, in: transaction)
  }

  package func cancel(_ id: UUID, in transaction: (any Transaction)?) async throws -> JobQueue.CancelAnswer {
    try await jobs.database.run(in: transaction) { transaction in
      guard var job = jobs.job(id, in: transaction) else { throw JobNotFound(id: id) }
      if job.state.isFinal { return .alreadyFinal(job.state) }
      job.isCancelRequested = true
      if job.state != .running { job.runAt = min(job.runAt, jobs.now) }
      jobs.put(job, in: transaction)
      jobs.tell(.cancelled(id), in: transaction)
      return .requested
    }
  }

  package func wake(_ id: UUID, in transaction: (any Transaction)?) async throws {
    try await jobs.database.run(in: transaction) { transaction in
      guard let job = jobs.job(id, in: transaction), job.state == .running || job.state == .snoozed else {
        return
      }
      wake(job, in: transaction)
    }
  }

  package func wakeWaiting(on subjects: [UUID]) async throws -> Int {
    try await jobs.database.run(in: nil) { transaction in
      let waiting = jobs.openJobs(in: transaction) { job in
        guard let subject = job.options.subject, subjects.contains(subject) else { return false }
        return job.state == .running
          || (job.state == .snoozed && job.steps.contains { $0.awaited != nil })
      }
      for job in waiting { wake(job, in: transaction) }
      return waiting.count { $0.state == .snoozed }
    }
  }

  private func wake(_ job: MemoryJobs.Job, in transaction: MemoryTransaction) {
    var job = job
    job.wakes += 1
    if job.state == .snoozed { job.runAt = jobs.now }
    jobs.put(job, in: transaction)
    jobs.tell(.news, in: transaction)
  }

  // MARK: - Looking at jobs

  package func job(_ id: UUID) async throws -> JobRecord? {
    try await jobs.database.run(in: nil) { jobs.job(id, in: $0)?.record }
  }

  package func jobs(_ filter: JobQueue.Filter, before: UUID?, limit: Int) async throws -> [JobRecord] {
    try await jobs.database.run(in: nil) { transaction in
      let found = jobs.allJobs(in: transaction) { job in
        (filter.subject == nil || filter.subject == job.options.subject)
          && (filter.subjects.map { subjects in job.options.subject.map(subjects.contains) ?? false } ?? true)
          && (filter.organisation == nil || filter.organisation == job.options.organisation)
          && filter.kinds?.contains(job.kind) ?? true && filter.states?.contains(job.state) ?? true
          && before.map { job.id < $0 } ?? true
      }
      return found.sorted { $0.id > $1.id }.prefix(limit).map(\.record)
    }
  }

  package func steps(of ids: [UUID]) async throws -> [UUID: [StepRecord]] {
    try await jobs.database.run(in: nil) { transaction in
      ids.reduce(into: [:]) { steps, id in
        let begun = jobs.job(id, in: transaction)?.steps.sorted { $0.position < $1.position }.map(\.record)
        if let begun, !begun.isEmpty { steps[id] = begun }
      }
    }
  }

  package func log(of id: UUID, after seq: Int, limit: Int) async throws -> [JobLogLine] {
    try await jobs.database.run(in: nil) { transaction in
      Array((jobs.job(id, in: transaction)?.log ?? []).dropFirst(max(0, seq)).prefix(limit))
    }
  }

  package func endOfLog(of id: UUID, lines: Int) async throws -> [JobLogLine] {
    try await jobs.database.run(in: nil) { Array((jobs.job(id, in: $0)?.log ?? []).suffix(lines)) }
  }

  package func progress() -> any AsyncSequence<[UUID], Never> & Sendable { jobs.progress() }

  // MARK: - Lanes

  package func addLane(_ id: UUID, in transaction: (any Transaction)?) async throws {
    try await jobs.database.run(in: transaction) { transaction in
      if jobs.lanes.get(id, in: transaction) == nil {
        jobs.lanes.set(id, MemoryJobs.LaneRow(), in: transaction)
      }
      jobs.tell(.lanes, in: transaction)
    }
  }

  package func bindLane(_ id: UUID, to machine: String, in transaction: (any Transaction)?) async throws {
    try await jobs.database.run(in: transaction) { transaction in
      jobs.lanes.update(id, in: transaction) { lane in
        if lane.machine != machine { (lane.machine, lane.holder) = (machine, nil) }
      }
      jobs.tell(.lanes, in: transaction)
    }
  }

  package func raiseEpoch(of id: UUID, from held: Int, above known: Int) async throws -> Int? {
    try await jobs.database.run(in: nil) { transaction in
      guard jobs.lanes.get(id, in: transaction)?.epoch == held else { return nil }
      return jobs.lanes.update(id, in: transaction) { lane in
        lane.epoch = max(lane.epoch, known) + 1
        return lane.epoch
      }
    }
  }

  package func machine(ofLane id: UUID) async throws -> String? {
    try await jobs.database.run(in: nil) { jobs.lanes.get(id, in: $0)?.machine }
  }

  package func releaseWorkers(of host: String) async throws -> [UUID] {
    try await jobs.database.run(in: nil) { transaction in
      for (id, _) in jobs.workers.all(in: transaction, where: { $0.host == host }) {
        jobs.remove(worker: id, in: transaction)
      }
      return jobs.releaseOrphans(in: transaction)
    }
  }
}
