import Foundation

/// Moments as the engine writes them.
enum EngineMoment {
  /// What the engine writes for "never".
  static let never = "0001-01-01T00:00:00Z"

  /// RFC 3339 with six digits of a second's fraction, which is what a `Date` can tell.
  static func text(_ date: Date?) -> String {
    guard let date else { return never }
    let microseconds = Int((date.timeIntervalSince1970 * 1e6).rounded())
    let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = civil(days)
    return
      "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):"
      + "\(pad(second % 60, 2)).\(pad(fraction, 6))Z"
  }

  /// The moment in a query: seconds since 1970 with a fraction.
  static func date(_ text: String?) -> Date? {
    text.flatMap { Double($0) }.map { Date(timeIntervalSince1970: $0) }
  }

  /// A time for people, as in lists of containers (docker/go-units, HumanDuration).
  static func words(_ interval: TimeInterval) -> String {
    let seconds = Int(interval)
    let minutes = seconds / 60
    let hours = Int(interval / 3600 + 0.5)
    return switch true {
    case _ where seconds < 1: "Less than a second"
    case _ where seconds == 1: "1 second"
    case _ where seconds < 60: "\(seconds) seconds"
    case _ where minutes == 1: "About a minute"
    case _ where minutes < 60: "\(minutes) minutes"
    case _ where hours == 1: "About an hour"
    case _ where hours < 48: "\(hours) hours"
    case _ where hours < 24 * 7 * 2: "\(hours / 24) days"
    case _ where hours < 24 * 30 * 2: "\(hours / 24 / 7) weeks"
    case _ where hours < 24 * 365 * 2: "\(hours / 24 / 30) months"
    default: "\(hours / 24 / 365) years"
    }
  }

  private static func pad(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The date of a day since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
  /// civil_from_days).
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}
