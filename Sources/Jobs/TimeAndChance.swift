import FoundationEssentials

/// Time and chance as the queue meets them. In a simulation both are made: what happens then follows from its seed.
public struct TimeAndChance: Sendable {
  /// Those of this machine.
  public static let real = TimeAndChance(
    clock: ContinuousClock(), date: { Date() }, random: { .random(in: 0 ... .max) })

  private let elapsed: @Sendable () -> Duration
  private let pausing: @Sendable (Duration) async throws -> Void
  private let dating: @Sendable () -> Date
  private let drawing: @Sendable () -> UInt64
  private let executor: (any TaskExecutor)?

  /// Time by a clock that never jumps, `date` for what people read and the numbers of jobs, 64 bits of chance at a time.
  /// Tasks run on the executor, if one is given.
  public init<C: Clock>(
    clock: C, date: @escaping @Sendable () -> Date, random: @escaping @Sendable () -> UInt64,
    executor: (any TaskExecutor)? = nil
  ) where C.Duration == Duration {
    let begin = clock.now
    elapsed = { begin.duration(to: clock.now) }
    pausing = { try await clock.sleep(for: $0) }
    dating = date
    drawing = random
    self.executor = executor
  }

  /// The time that has passed since some moment that stays the same.
  public var now: Duration { elapsed() }

  /// The wall clock's.
  public var date: Date { dating() }

  /// Returns when that time has passed; throws `CancellationError` when the task is cancelled.
  public func sleep(for duration: Duration) async throws {
    try await pausing(duration)
  }

  /// A new number that sorts by time.
  public func uuid() -> UUID { .v7(at: dating(), random: drawing()) }

  /// By chance, from -1 to 1.
  func chance() -> Double { Double(drawing() >> 11) / Double(1 << 52) - 1 }

  /// Does something beside the caller, whose end does not end it.
  @discardableResult
  public func task<Success: Sendable>(
    _ body: @escaping @Sendable () async throws -> Success
  ) -> Task<Success, any Error> {
    Task(executorPreference: executor, operation: body)
  }

  /// Does something beside the caller, whose end does not end it.
  @discardableResult
  public func task<Success: Sendable>(_ body: @escaping @Sendable () async -> Success) -> Task<Success, Never>
  {
    Task(executorPreference: executor, operation: body)
  }
}
