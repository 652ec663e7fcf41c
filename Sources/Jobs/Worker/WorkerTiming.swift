/// The times a worker keeps. The defaults are those of a real installation; tests shorten them.
///
/// What a worker was at goes on elsewhere within 20 s of its death. With L as what one look at the hearts takes, which
/// is milliseconds and at most half a second where everything is slow:
///
/// - The last beat may have come just before the death. It is seen as new at most `beat` + L later, and from then on the
///   heart stands still.
/// - It has stood still for `deadAfter` at the first look behind that time, which is at most `beat` + L later.
/// - So death is seen within `deadAfter` + 2 × (`beat` + L): 10 s, and 11 s where everything is slow.
/// - NOTIFY then wakes whoever is to go on; where it is lost, `poll` does, 1 s later.
///
/// That leaves 8 s for connecting to the servers and for raising their epochs.
///
/// A worker that lives has 8 s and seven tries for one beat. Who cannot do that is told so by its own clock at the same
/// time (`Heart.isTooOld`), so that being taken for dead in error costs time and nothing else.
public struct WorkerTiming: Sendable {
  /// How often the heart beats, and how often the other workers' hearts are looked at.
  public var beat: Duration = .seconds(1)
  /// How long another heart may stand still, by our own monotonic clock, before that worker counts as dead.
  public var deadAfter: Duration = .seconds(8)
  /// How much of that time one look counts for at most: when we were stopped ourselves, or the database or the whole
  /// machine was, the time that passed says little about the others. They then have as much again for a beat.
  var longestLook: Duration { deadAfter / 2 }
  /// How often the queue is looked at when no NOTIFY comes.
  public var poll: Duration = .seconds(1)
  /// How often deadlines of steps are looked at.
  public var deadlineCheck: Duration = .milliseconds(250)
  /// How long collected lines of log wait before they are written.
  public var logDelay: Duration = .milliseconds(50)
  /// How long running steps may go on when the worker is to end; then they are cancelled and resumed elsewhere.
  public var grace: Duration = .seconds(10)
  /// The pauses before a failed step is tried again.
  public var backoff = Backoff()

  /// The times of a real installation.
  public init() {}
}

/// Pauses that double, with some chance in them, so that what failed together is not tried again together.
public struct Backoff: Sendable {
  /// The pause after the first failure.
  public var first: Duration = .seconds(1)
  /// No pause is longer.
  public var longest: Duration = .seconds(300)
  /// The part of a pause that chance adds or takes away.
  public var jitter = 0.2

  /// 1 s, 2 s, 4 s… up to 5 minutes, each a fifth longer or shorter.
  public init() {}

  /// The pause after the failure of that attempt, which is 1 or more.
  public func pause(afterAttempt attempt: Int, chance: Double = .random(in: -1...1)) -> Duration {
    // Beyond 2^30 the longest pause is reached in any case.
    let doubled = first * (1 << min(max(attempt, 1) - 1, 30))
    return min(doubled, longest) * (1 + jitter * chance)
  }
}
