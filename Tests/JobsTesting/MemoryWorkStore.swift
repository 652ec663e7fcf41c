import FoundationEssentials
import Jobs

/// The workers' side of a queue in memory.
struct MemoryWorkStore: WorkStore {
  let jobs: MemoryJobs

  // MARK: - The worker itself

  func register(_ worker: UUID, host: String, keepsLanes: Bool) async throws -> Registration {
    try await jobs.database.run(in: nil) { transaction in
      let early = bringForward(onlyFromFuture: true, in: transaction)
      jobs.workers.set(worker, MemoryJobs.Worker(host: host, keepsLanes: keepsLanes), in: transaction)
      return Registration(date: jobs.now, early: early)
    }
  }

  func unregister(_ worker: UUID) async throws {
    try await jobs.database.run(in: nil) { transaction in
      guard let me = jobs.workers.get(worker, in: transaction) else { return }
      jobs.remove(worker: worker, in: transaction)
      if me.keepsLanes { jobs.tell(.lanes, in: transaction) }
    }
  }

  func beat(_ worker: UUID) async throws -> Beat? {
    try await jobs.database.run(in: nil) { transaction in
      guard jobs.workers.update(worker, in: transaction, { $0.beat += 1 }) != nil else { return nil }
      let others = jobs.workers.all(in: transaction).filter { $0.key != worker }.map { ($0.key, $0.row.beat) }
      return Beat(others: Dictionary(uniqueKeysWithValues: others), date: jobs.now)
    }
  }

  func bury(_ worker: UUID, beat: Int) async throws -> [UUID] {
    try await jobs.database.run(in: nil) { transaction in
      if jobs.workers.get(worker, in: transaction)?.beat == beat {
        jobs.remove(worker: worker, in: transaction)
      }
      return jobs.releaseOrphans(in: transaction)
    }
  }

  func releaseOrphans() async throws -> [UUID] {
    try await jobs.database.run(in: nil) { jobs.releaseOrphans(in: $0) }
  }

  func bringForward() async throws -> Int {
    try await jobs.database.run(in: nil) { bringForward(onlyFromFuture: false, in: $0) }
  }

  private func bringForward(onlyFromFuture: Bool, in transaction: MemoryTransaction) -> Int {
    let now = jobs.now
    let late = jobs.openJobs(in: transaction) { job in
      guard job.state != .running, job.runAt > now, job.startedAt != nil || job.runAt <= job.createdAt else {
        return false
      }
      return !onlyFromFuture || max(job.createdAt, job.startedAt ?? job.createdAt) > now
        || job.steps.contains { $0.leftAt.map { $0 > now } ?? false }
    }
    for var job in late {
      job.runAt = now
      jobs.put(job, in: transaction)
    }
    if !late.isEmpty { jobs.tell(.news, in: transaction) }
    return late.count
  }

  func keepLanes(for worker: UUID, on machine: String) async throws -> [Lane] {
    try await jobs.database.run(in: nil) { transaction in
      let all = jobs.lanes.all(in: transaction).sorted { $0.key < $1.key }
      let keepers = jobs.workers.all(in: transaction) { $0.keepsLanes }.count
      let unbound = all.filter { $0.row.machine == nil }
      let share = (unbound.count + max(1, keepers) - 1) / max(1, keepers)
      let mine = unbound.filter { $0.row.holder == worker }.map(\.key)
      if jobs.workers.get(worker, in: transaction) != nil {
        let free = unbound.filter { $0.row.holder == nil }.prefix(max(0, share - mine.count))
        for (id, row) in all.filter({ $0.row.machine == machine && $0.row.holder == nil }) + free {
          var lane = row
          lane.holder = worker
          lane.epoch += 1
          jobs.lanes.set(id, lane, in: transaction)
        }
      }
      let busy = Set(jobs.openJobs(in: transaction) { $0.worker == worker }.compactMap(\.options.lane))
      let extra = mine.reversed().filter { !busy.contains($0) }.prefix(max(0, mine.count - share))
      for id in extra { jobs.lanes.update(id, in: transaction) { $0.holder = nil } }
      if !extra.isEmpty { jobs.tell(.lanes, in: transaction) }
      return jobs.lanes.all(in: transaction) { $0.holder == worker }.map {
        Lane(id: $0.key, epoch: $0.row.epoch)
      }
    }
  }

  func wakeUps() -> any AsyncSequence<WakeUp, Never> & Sendable { jobs.wakeUps() }

  func close() async {}

  // MARK: - What steps say

  func write(_ lines: [PendingLine]) async throws {
    try await jobs.database.run(in: nil) { transaction in
      for line in lines {
        guard var job = jobs.job(line.job, in: transaction), job.lease == line.lease else { continue }
        job.log.append(
          JobLogLine(seq: job.log.count + 1, at: line.at, level: line.level, step: line.step, line: line.line)
        )
        if let step = line.step, !job.steps.contains(where: { $0.name == step }) {
          job.steps.append(
            MemoryJobs.Step(position: line.position ?? 0, name: step, state: .running, startedAt: jobs.now))
        }
        jobs.put(job, in: transaction)
      }
      jobs.tell(progressOf: lines.map(\.job), in: transaction)
    }
  }

  func write(_ progress: [PendingProgress]) async throws {
    try await jobs.database.run(in: nil) { transaction in
      for said in progress {
        guard var job = jobs.job(said.job, in: transaction), job.lease == said.lease else { continue }
        job.change(StepMark(said.position, said.step), else: .running, at: jobs.now) { step in
          (step.progress, step.progressText) = (said.fraction, said.text)
        }
        jobs.put(job, in: transaction)
      }
      jobs.tell(progressOf: progress.map(\.job), in: transaction)
    }
  }
}

extension MemoryJobs.Job {
  /// Changes a step, which is made in that state where there is none.
  mutating func change(
    _ mark: StepMark, else state: StepState, at now: Date, _ body: (inout MemoryJobs.Step) -> Void
  ) {
    if !steps.contains(where: { $0.name == mark.name }) {
      steps.append(MemoryJobs.Step(position: mark.position, name: mark.name, state: state, startedAt: now))
    }
    for index in steps.indices where steps[index].name == mark.name { body(&steps[index]) }
  }
}
