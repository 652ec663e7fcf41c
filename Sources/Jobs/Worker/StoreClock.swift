import FoundationEssentials

/// Watches the wall clock of the store against our own monotonic one, to see it jump back.
///
/// A clock that jumps forward makes pauses end early, which does no harm: steps look before they act. One that jumps
/// back would make all that waits wait longer by as much.
struct StoreClock: Sendable {
  private var last: (date: Date, latest: Duration)?

  /// What clocks may differ in going without having jumped: they are slowed down when they are corrected.
  private static let tolerance = Duration.seconds(1)

  /// Notes what the store said its time was, asked for between two moments of ours. Returns whether it has jumped
  /// back since the time before.
  mutating func hasJumpedBack(
    to date: Date, askedAt: Duration, answeredAt: Duration
  ) -> Bool {
    defer { last = (date, answeredAt) }
    guard let last else { return false }
    // The least that can have passed: it was read at the end of the former question and at the beginning of this one.
    let passed = askedAt - last.latest - Self.tolerance
    return date < last.date + passed.inSeconds
  }
}

extension Duration {
  /// As a number of seconds.
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
