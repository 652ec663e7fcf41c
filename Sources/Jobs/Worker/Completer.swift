import FoundationEssentials
import Logging
import Synchronization

/// Finishes plain jobs that succeeded, as many as have come together since the last statement.
final class Completer: Sendable {
  private let done = Mutex<[JobLease]>([])
  private let arrivals: AsyncStream<Void>
  private let arrival: AsyncStream<Void>.Continuation
  private let store: any WorkStore
  private let surroundings: TimeAndChance
  private let logger: Logger
  private let unwrittenJobs = Atomic(0)
  private let onWritten: @Sendable () -> Void

  /// A NOTIFY may have 8,000 bytes, and a job's number takes 37.
  private static let batch = 200

  /// `onWritten` is called after each statement, when there is room for more.
  init(
    store: any WorkStore, surroundings: TimeAndChance, logger: Logger,
    onWritten: @escaping @Sendable () -> Void
  ) {
    self.store = store
    self.surroundings = surroundings
    self.logger = logger
    self.onWritten = onWritten
    (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// How many jobs are done and not yet written. Were they without limit, the death of the worker would do as many
  /// again.
  var unwritten: Int { unwrittenJobs.load(ordering: .acquiring) }

  /// Notes that a job is done; it counts only if the job is still ours when it is written.
  func append(_ lease: JobLease) {
    unwrittenJobs.add(1, ordering: .acquiringAndReleasing)
    done.withLock { $0.append(lease) }
    arrival.yield()
  }

  /// Writes until `end` was called and everything is written.
  func run() async {
    for await _ in arrivals { await flush() }
    await flush()
  }

  func end() {
    arrival.finish()
  }

  private func flush() async {
    while true {
      let batch = done.withLock { done in
        let batch = Array(done.prefix(Self.batch))
        done.removeFirst(batch.count)
        return batch
      }
      if batch.isEmpty { return }
      await write(batch)
      unwrittenJobs.subtract(batch.count, ordering: .acquiringAndReleasing)
      onWritten()
    }
  }

  private func write(_ batch: [JobLease]) async {
    var pause = Duration.milliseconds(50)
    while true {
      do {
        try await store.succeed(batch)
        return
      } catch {
        // Nothing else may be done with these jobs, so this goes on for as long as the worker does.
        if Task.isCancelled { return logger.error("\(batch.count) finished jobs will run again: \(error)") }
        logger.warning("\(batch.count) jobs are done but could not be finished, trying again: \(error)")
        try? await surroundings.sleep(for: pause)
        pause = min(pause * 2, .seconds(2))
      }
    }
  }
}
