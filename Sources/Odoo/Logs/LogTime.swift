#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A time as Python's logging writes it: `2026-11-21 02:54:00,123`, without a time zone.
public struct LogTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01 00:00 of the process's own time zone.
  public let milliseconds: Int64

  /// Reads exactly 23 characters; nil for anything else, the 30th of February included.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 23 else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for byte in bytes[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      return value
    }
    let separators: [(Int, UInt8)] = [
      (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: " ")), (13, UInt8(ascii: ":")),
      (16, UInt8(ascii: ":")), (19, UInt8(ascii: ",")),
    ]
    guard separators.allSatisfy({ bytes[$0.0] == $0.1 }),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      let fraction = number(20..<23),
      (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
      hour < 24, minute < 60, second < 60
    else { return nil }
    // Days from a civil date, by the 400-year cycle of the Gregorian calendar counted from March.
    let shifted = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    milliseconds = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + fraction
  }

  /// The moment, given the time zone of the process.
  /// - Parameter secondsFromGMT: its offset; 0 for UTC, a container's unless told otherwise.
  public func date(secondsFromGMT: Int = 0) -> Date {
    Date(timeIntervalSince1970: Double(milliseconds) / 1_000 - Double(secondsFromGMT))
  }

  /// Orders by time.
  public static func < (left: LogTime, right: LogTime) -> Bool { left.milliseconds < right.milliseconds }

  /// Milliseconds, for debugging.
  public var description: String { "\(milliseconds) ms" }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
