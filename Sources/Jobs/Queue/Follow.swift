import FoundationEssentials
import Postgres

/// What happens to a job that someone follows.
public enum JobEvent: Sendable, Hashable {
  /// A line was added to its log.
  case log(JobLogLine)
  /// A step began, moved on or ended.
  case step(StepRecord)
  /// The job itself changed; the last element is its final state.
  case job(JobRecord)
}

extension JobQueue {
  /// Follows a job to its end: first what is there after the given line of its log, then everything as it comes.
  ///
  /// NOTIFY wakes it, and it looks every two seconds in any case. It throws `JobNotFound`, or `PostgresError`
  /// when the database refuses to answer; a lost connection only delays it.
  public func follow(_ id: UUID, after seq: Int = 0) -> AsyncThrowingStream<JobEvent, any Error> {
    AsyncThrowingStream { continuation in
      let task = surroundings.task {
        var follower = Follower(queue: self, id: id, seq: seq)
        do {
          try await follower.run { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

/// Remembers what a follower has seen.
private struct Follower {
  let queue: JobQueue
  let id: UUID
  var seq: Int
  private var steps: [String: StepRecord] = [:]
  private var job: JobRecord?

  init(queue: JobQueue, id: UUID, seq: Int) {
    self.queue = queue
    self.id = id
    self.seq = seq
  }

  /// Looks whenever it is woken, until the job has ended.
  mutating func run(_ yield: (JobEvent) -> Void) async throws {
    let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let surroundings = queue.surroundings
    let listening = surroundings.task { [store = queue.store, id] in
      for await jobs in store.progress() where jobs.isEmpty || jobs.contains(id) { wake.yield() }
    }
    let ticking = surroundings.task {
      while !Task.isCancelled {
        wake.yield()
        try await surroundings.sleep(for: .seconds(2))
      }
    }
    defer {
      listening.cancel()
      ticking.cancel()
    }
    for await _ in wakes {
      do {
        if try await look(yield) { return }
      } catch let error as PostgresError where error.isConnectionLoss {
        continue
      }
    }
    try Task.checkCancellation()
  }

  /// Tells what is new; true when the job has ended. The state is read first, so that an end that is seen is
  /// told after everything that came before it.
  private mutating func look(_ yield: (JobEvent) -> Void) async throws -> Bool {
    guard let now = try await queue.job(id) else { throw JobNotFound(id: id) }
    while true {
      let lines = try await queue.log(of: id, after: seq)
      for line in lines { yield(.log(line)) }
      guard let last = lines.last else { break }
      seq = last.seq
    }
    for step in try await queue.steps(of: id) where steps[step.name] != step {
      steps[step.name] = step
      yield(.step(step))
    }
    if job != now {
      job = now
      yield(.job(now))
    }
    return now.state.isFinal
  }
}
