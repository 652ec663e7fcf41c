import FoundationEssentials
import Jobs

extension MemoryWorkStore {
  func claim(_ claim: Claim) async throws -> [ClaimedJob] {
    try await jobs.database.run(in: nil) { transaction in
      let holders = Dictionary(
        uniqueKeysWithValues: claim.holders.map { ($0.organisation, ($0.held, $0.turn)) })
      func held(_ job: MemoryJobs.Job) -> (places: Int, turn: Int) {
        holders[job.options.organisation ?? .nobody] ?? (0, 0)
      }
      let due = due(claim.kinds, claim.worker, in: transaction)
        .filter { claim.free > 0 || held($0).places == 0 }
      let first = due.map(\.options.priority).min()
      let best = due.filter { $0.options.priority == first }
      // Of each organisation the eldest first, on the place that it would be given.
      var queue = Dictionary(grouping: best) { $0.options.organisation ?? .nobody }.values.flatMap { line in
        let eldest = line.sorted { ($0.runAt, $0.id) < ($1.runAt, $1.id) }.prefix(claim.free + claim.spare)
        return eldest.enumerated().map { index, job in
          (place: held(job).places + index + 1, turn: held(job).turn, job: job)
        }
      }
      queue.sort {
        ($0.place, $0.turn, $0.job.runAt, $0.job.id) < ($1.place, $1.turn, $1.job.runAt, $1.job.id)
      }
      let chosen = queue.enumerated().filter { index, one in
        index < claim.free || (one.place == 1 && index < claim.free + claim.spare)
      }
      return chosen.compactMap { _, one in
        give(one.job, to: claim.worker, leavesOthers: due.count > chosen.count, in: transaction)
      }
    }
  }

  func claimCancelled(upTo limit: Int, kinds: [String], worker: UUID) async throws -> [ClaimedJob] {
    try await jobs.database.run(in: nil) { transaction in
      due(kinds, worker, in: transaction).filter(\.isCancelRequested).sorted { $0.id < $1.id }.prefix(limit)
        .compactMap { give($0, to: worker, leavesOthers: false, in: transaction) }
    }
  }

  private func due(_ kinds: [String], _ worker: UUID, in transaction: MemoryTransaction) -> [MemoryJobs.Job] {
    let now = jobs.now
    let lanes = Set(jobs.lanes.all(in: transaction) { $0.holder == worker }.map(\.key))
    return jobs.openJobs(in: transaction) { job in
      job.isWaiting && job.runAt <= now && kinds.contains(job.kind)
        && job.options.lane.map { lanes.contains($0) } ?? true
    }
  }

  private func give(
    _ job: MemoryJobs.Job, to worker: UUID, leavesOthers: Bool, in transaction: MemoryTransaction
  ) -> ClaimedJob? {
    guard jobs.workers.get(worker, in: transaction) != nil else { return nil }
    var job = job
    job.state = .running
    job.worker = worker
    job.lease += 1
    job.startedAt = job.startedAt ?? jobs.now
    job.reason = nil
    jobs.put(job, in: transaction)
    return ClaimedJob(
      id: job.id, kind: job.kind, lease: job.lease, attempt: job.attempt, interruptions: job.interruptions,
      wakes: job.wakes, isCancelRequested: job.isCancelRequested, undoTo: job.undoTo,
      undoReason: job.undoReason,
      epoch: job.options.lane.flatMap { jobs.lanes.get($0, in: transaction)?.epoch },
      organisation: job.options.organisation, hasOthersBehind: leavesOthers, body: .json(job.body))
  }

  func nextDue(kinds: [String]) async throws -> Duration? {
    try await jobs.database.run(in: nil) { transaction in
      let now = jobs.now
      return jobs.openJobs(in: transaction) { $0.isWaiting && $0.runAt > now && kinds.contains($0.kind) }
        .map(\.runAt).min().map { .seconds($0.timeIntervalSince(now)) }
    }
  }

  func cancelRequests(of worker: UUID) async throws -> [UUID] {
    try await jobs.database.run(in: nil) { transaction in
      jobs.openJobs(in: transaction) { $0.worker == worker && $0.state == .running && $0.isCancelRequested }
        .map(\.id)
    }
  }
}
