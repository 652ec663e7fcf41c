import Foundation
import Jobs
import Synchronization

/// One thread, a clock that goes on only when nothing is left to do, and chance from a seed: what happens in it is the
/// same in every run.
///
/// All tasks of the simulation must be its own: children of `run`'s body, or started by `TimeAndChance.task`. A task that
/// runs elsewhere (`Task {}`, `Task.detached`) and comes back stops the program, which says so. What is iterated over must
/// have an order of its own too: that of dictionaries and sets differs from process to process, unless the environment has
/// `SWIFT_DETERMINISTIC_HASHING=1`.
public final class VirtualTime: TaskExecutor, Clock {
  /// A moment of virtual time.
  public struct Instant: InstantProtocol, Hashable {
    /// Since the beginning.
    public var offset: Duration

    /// Whether it is earlier.
    public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    /// That much later.
    public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    /// The time from here to there.
    public func duration(to other: Instant) -> Duration { other.offset - offset }
  }

  /// The body will not end: all that is left waits for what will never come, or goes round and round.
  public struct Endless: Error, CustomStringConvertible {
    /// When that was seen.
    public let at: Duration
    /// Whether something still moves: then the limit of time is over.
    public let isMoving: Bool
    /// What goes on, and for how long.
    public var description: String {
      isMoving
        ? "it has not ended after \(at) of virtual time"
        : "after \(at) of virtual time everything waits and nothing can happen any more"
    }
  }

  private struct Sleeper {
    var number: Int
    var end: Instant
    var waking: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var ready: [UnownedJob] = []
    var sleepers: [Sleeper] = []
    var number = 0
    var random: UInt64
    var thread: pthread_t?
    var hasEnded = false
  }

  private let state: Mutex<State>

  /// A simulation whose chance follows from that seed.
  public init(seed: UInt64) {
    state = Mutex(State(random: seed))
  }

  /// The present moment.
  public var now: Instant { state.withLock { $0.now } }
  /// A nanosecond.
  public var minimumResolution: Duration { .nanoseconds(1) }

  /// 64 bits by chance (SplitMix64).
  public func random() -> UInt64 {
    state.withLock { state in
      state.random &+= 0x9E37_79B9_7F4A_7C15
      var word = state.random
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  /// The wall clock: it begins on the first day of 2026.
  public var date: Date { Date(timeIntervalSince1970: 1_767_225_600 + now.offset.inSeconds) }

  /// This time and this chance, as queues and workers take them.
  public var surroundings: TimeAndChance {
    TimeAndChance(clock: self, date: { self.date }, random: { self.random() }, executor: self)
  }

  // MARK: - Running

  /// Does the body on a thread of its own, and returns when it has ended. What it left behind goes on no more.
  ///
  /// Throws what the body throws, and `Endless` when nothing moves any more or that much of virtual time is over.
  public func run<Result: Sendable>(
    limit: Duration = .seconds(30 * 86_400), _ body: @escaping @Sendable () async throws -> Result
  ) async throws
    -> Result
  {
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread { continuation.resume(with: Swift.Result { try self.runHere(limit, body) }) }
      thread.stackSize = 16 << 20
      thread.start()
    }
  }

  private func runHere<Result: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
  ) throws
    -> Result
  {
    state.withLock { $0.thread = pthread_self() }
    defer { state.withLock { $0.hasEnded = true } }
    let end = End<Result>()
    Task(executorPreference: self) {
      do {
        let value = try await body()
        end.result.withLock { $0 = .success(value) }
      } catch {
        end.result.withLock { $0 = .failure(error) }
      }
    }
    while true {
      if let result = end.result.withLock({ $0 }) { return try result.get() }
      if let job = state.withLock({ $0.ready.isEmpty ? nil : $0.ready.removeFirst() }) {
        job.runSynchronously(on: asUnownedTaskExecutor())
      } else if !wakeNext() {
        throw Endless(at: now.offset, isMoving: false)
      } else if now.offset > limit {
        throw Endless(at: now.offset, isMoving: true)
      }
    }
  }

  /// How the body ended.
  private final class End<Value: Sendable>: Sendable {
    let result = Mutex<Swift.Result<Value, any Error>?>(nil)
  }

  /// Time goes on to the next who wakes. Returns whether there is one.
  private func wakeNext() -> Bool {
    let sleeper = state.withLock { state -> Sleeper? in
      let next = state.sleepers.indices.min {
        (state.sleepers[$0].end, state.sleepers[$0].number) < (
          state.sleepers[$1].end, state.sleepers[$1].number
        )
      }
      guard let next else { return nil }
      let sleeper = state.sleepers.remove(at: next)
      state.now = max(state.now, sleeper.end)
      return sleeper
    }
    sleeper?.waking.resume()
    return sleeper != nil
  }

  /// Puts a part of a task behind all that is ready to run.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { state in
      // What is let go when all is over is woken once more, by whoever lets it go.
      if state.hasEnded { return }
      precondition(
        state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? true,
        "a task of the simulation was resumed from outside of its thread: start all of them by TimeAndChance.task"
      )
      state.ready.append(job)
    }
  }

  // MARK: - Sleeping

  /// Returns at that moment; throws `CancellationError` when the task is cancelled.
  public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let number = state.withLock { state in
      state.number += 1
      return state.number
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waking in
        state.withLock { $0.sleepers.append(Sleeper(number: number, end: deadline, waking: waking)) }
        if Task.isCancelled { giveUp(number) }
      }
    } onCancel: {
      giveUp(number)
    }
  }

  private func giveUp(_ number: Int) {
    let sleeper = state.withLock { state in
      state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
    }
    sleeper?.waking.resume(throwing: CancellationError())
  }
}
