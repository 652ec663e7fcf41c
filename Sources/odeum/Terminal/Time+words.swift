import Foundation

extension TimeInterval {
  /// A length of time as people say it: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`.
  var inWords: String {
    if self < 9.95 { return String(format: "%.1f s", max(0, self)) }
    let seconds = Int(rounded())
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: Self.pair(seconds / 60, "min", seconds % 60, "s")
    case ..<86_400: Self.pair(seconds / 3600, "h", seconds % 3600 / 60, "min")
    default: Self.pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
    }
  }

  private static func pair(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(smallUnit)"
  }
}

extension Date {
  /// How long ago this was, in one unit: `now`, `40 s`, `5 min`, `3 h`, `12 d`.
  func age(at now: Date = Date()) -> String {
    let seconds = Int(now.timeIntervalSince(self))
    return switch seconds {
    case ..<5: "now"
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }

  /// `3 h ago`, `just now`.
  func ago(at now: Date = Date()) -> String {
    let age = age(at: now)
    return age == "now" ? "just now" : "\(age) ago"
  }

  /// Day and time of day in this machine's time zone.
  var local: String {
    formatted(
      .verbatim(
        "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
        timeZone: .current, calendar: Calendar(identifier: .gregorian)))
  }
}
