import FoundationEssentials

/// Times of the day in UTC, such as `02:00 14:00`.
public struct DailyTimes: Sendable, Hashable, CustomStringConvertible {
  /// Minutes after midnight, in order, each once, at least one.
  private let minutes: [Int]

  private static let day = 86_400.0

  /// The times that `text` names, with blanks between them; nil where it names none, or what is no time.
  public init?(_ text: String) {
    var minutes: Set<Int> = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
        let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
      else { return nil }
      minutes.insert(hour * 60 + minute)
    }
    guard !minutes.isEmpty else { return nil }
    self.minutes = minutes.sorted()
  }

  /// The latest of these times that had come at `date`.
  public func latest(at date: Date) -> Date {
    let seconds = date.timeIntervalSince1970
    let midnight = (seconds / Self.day).rounded(.down) * Self.day
    let today = minutes.last { midnight + Double($0) * 60 <= seconds }
    let time =
      today.map { midnight + Double($0) * 60 } ?? midnight - Self.day + Double(minutes[minutes.count - 1])
      * 60
    return Date(timeIntervalSince1970: time)
  }

  /// As they were read, in order.
  public var description: String {
    minutes.map { minute in
      [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }.joined(separator: " ")
  }
}
