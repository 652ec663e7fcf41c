import FoundationEssentials

/// PostgreSQL counts time in microseconds since 2000-01-01 UTC (`timestamp.h`); its infinities are the extremes.
enum PostgresTime {
  /// 2000-01-01 UTC, in seconds since 2001-01-01 UTC, which `Date` counts from: one leap year earlier.
  private static let epoch: Double = -366 * 86_400

  static func microseconds(of date: Date) -> Int64 {
    if date == .distantFuture { return .max }
    if date == .distantPast { return .min }
    let seconds = date.timeIntervalSinceReferenceDate - epoch
    // Apart, so that the fraction is rounded with all of its digits.
    let whole = seconds.rounded(.down)
    return Int64(whole) * 1_000_000 + Int64(((seconds - whole) * 1_000_000).rounded())
  }

  static func date(microseconds: Int64) -> Date {
    switch microseconds {
    case .max: .distantFuture
    case .min: .distantPast
    default: Date(timeIntervalSinceReferenceDate: epoch + Double(microseconds) / 1_000_000)
    }
  }
}
