/// Something that a step needs is away, and will come back without the step's doing: a server, a service.
///
/// A step, or its undoing, that throws this runs again after the pause, or as soon as `JobQueue.wakeWaiting` is
/// called. The waiting is no attempt and does not count for the step's deadline.
public struct Await: Error, Sendable, Hashable, CustomStringConvertible {
  /// What it waits for, as people are told.
  public let reason: String
  /// After how long it looks again by itself.
  public let pause: Duration
  /// How long it waits in all; then the step fails with the reason.
  public let limit: Duration

  /// A wait for what `reason` says.
  public init(_ reason: String, pause: Duration, limit: Duration) {
    self.reason = reason
    self.pause = pause
    self.limit = limit
  }

  /// The reason.
  public var description: String { reason }
}

/// A step waited for too long.
public struct AwaitedInVain: Error, Sendable, Hashable, CustomStringConvertible {
  /// What it waited for.
  public let reason: String
  /// For how long.
  public let limit: Duration

  /// What it waited for, and its limit.
  public var description: String { "\(reason) It was waited for \(limit.formattedForPeople), and no longer." }
}

extension Await {
  /// What follows from a wait that `waited` so far: that it goes on, or its end.
  func goesOn(after waited: Duration?) throws(AwaitedInVain) {
    if let waited, waited >= limit { throw AwaitedInVain(reason: reason, limit: limit) }
  }
}
