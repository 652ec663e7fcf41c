import FoundationEssentials
import Synchronization

/// A job that is to be done at certain times of every day.
///
/// Each time has a key of its own, and the queue takes each key once: so there is one job for each time, however many
/// workers ask for it, whatever their clocks and the store's do, and as long as the queue remembers the job. A time that
/// nobody was there for is made up for when somebody is; of several, the latest.
public struct JobSchedule: Sendable {
  /// What it is called, among those of the queue.
  public let name: String
  /// When.
  public let times: DailyTimes
  private let ask: @Sendable (JobQueue, String) async throws -> EnqueuedJob

  /// Asks for what `job` makes; in a lane, where one is named.
  public init<J: Job>(
    _ name: String, at times: DailyTimes, lane: UUID? = nil, _ job: @escaping @Sendable () -> J
  ) {
    self.name = name
    self.times = times
    ask = { queue, key in
      try await queue.enqueue(job(), options: EnqueueOptions(idempotencyKey: key, lane: lane))
    }
  }

  func key(at time: Date) -> String { "schedule \(name) \(Int(time.timeIntervalSince1970))" }

  func enqueue(at time: Date, in queue: JobQueue) async throws -> EnqueuedJob {
    try await ask(queue, key(at: time))
  }
}

/// Asks for what schedules say, as one worker does.
final class Scheduler: Sendable {
  private let schedules: [JobSchedule]
  /// The times for which this worker has asked last.
  private let asked = Mutex<[String: Date]>([:])

  init(_ schedules: [JobSchedule]) {
    self.schedules = schedules
  }

  /// Asks for the jobs of the latest times that had come at `now`, by the store's clock, unless this worker has just done
  /// that.
  ///
  /// - Returns: how many are new.
  func ask(_ queue: JobQueue, at now: Date) async throws -> Int {
    var count = 0
    for schedule in schedules {
      let time = schedule.times.latest(at: now)
      // Another one, not a later one: the store's clock may have been set back, and the days of before are wanted then.
      guard asked.withLock({ $0[schedule.name] }) != time else { continue }
      if try await schedule.enqueue(at: time, in: queue).isNew { count += 1 }
      asked.withLock { $0[schedule.name] = time }
    }
    return count
  }
}
