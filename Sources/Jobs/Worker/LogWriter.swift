import FoundationEssentials
import Logging
import Synchronization

/// A line on its way into the database.
package struct PendingLine: Sendable {
  package let job: UUID
  package let lease: Int
  package let at: Date
  package let level: JobLogLevel
  package let step: String?
  package let position: Int?
  package let line: String
}

/// The latest progress of a step on its way into the database.
package struct PendingProgress: Sendable {
  package let job: UUID
  package let lease: Int
  package let step: String
  package let position: Int
  package let fraction: Double
  package let text: String
}

/// Collects what running steps say and writes it in few statements, each line once and in order.
actor LogWriter {
  private struct Pending {
    var lines: [PendingLine] = []
    var progress: [UUID: PendingProgress] = [:]
  }

  private nonisolated let pending = Mutex(Pending())
  private nonisolated let arrivals: AsyncStream<Void>
  private nonisolated let arrival: AsyncStream<Void>.Continuation
  private nonisolated let hasGivenUp = Atomic(false)
  private let store: any WorkStore
  private let surroundings: TimeAndChance
  private let delay: Duration
  private let logger: Logger
  private var flushing: Task<Void, Never>?

  init(store: any WorkStore, surroundings: TimeAndChance, delay: Duration, logger: Logger) {
    self.store = store
    self.surroundings = surroundings
    self.delay = delay
    self.logger = logger
    (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  nonisolated func append(_ line: PendingLine) {
    pending.withLock { $0.lines.append(line) }
    arrival.yield()
  }

  nonisolated func progress(_ progress: PendingProgress) {
    pending.withLock { $0.progress[progress.job] = progress }
    arrival.yield()
  }

  /// From now on, what the database does not take at the first try is lost.
  nonisolated func giveUp() {
    hasGivenUp.store(true, ordering: .releasing)
  }

  /// Writes what has come, a little later than it came, until the task is cancelled.
  func run() async {
    for await _ in arrivals {
      guard (try? await surroundings.sleep(for: delay)) != nil else { return }
      await flush()
    }
  }

  /// Returns when everything said so far is in the database, or was said by someone who has lost the job.
  func flush() async {
    // One after the other, so that lines keep their order. Each waits for the one before it and for no other: one
    // that looked again and again whether its turn has come would keep the actor from ever saying so.
    let before = flushing
    let task = surroundings.task {
      await before?.value
      await self.write()
    }
    flushing = task
    await task.value
  }

  private func write() async {
    let taken = pending.withLock { pending in
      defer { pending = Pending() }
      return pending
    }
    for start in stride(from: 0, to: taken.lines.count, by: 500) {
      await write(Array(taken.lines[start..<min(start + 500, taken.lines.count)]))
    }
    if !taken.progress.isEmpty { await write(taken.progress.values.sorted { $0.job < $1.job }) }
  }

  private func write(_ lines: [PendingLine]) async {
    await persist("lines of job logs") { try await store.write(lines) }
  }

  private func write(_ progress: [PendingProgress]) async {
    await persist("progress of jobs") { try await store.write(progress) }
  }

  /// Tries until the database takes it. What it refuses for good is dropped, with a word in our own log.
  private func persist(_ what: String, _ write: () async throws -> Void) async {
    while true {
      do {
        return try await write()
      } catch let error as any RetryableError
        where error.isRetryable && !hasGivenUp.load(ordering: .acquiring)
      {
        try? await surroundings.sleep(for: .milliseconds(200))
      } catch {
        logger.error("\(what) could not be written and are lost: \(error)")
        return
      }
    }
  }
}
