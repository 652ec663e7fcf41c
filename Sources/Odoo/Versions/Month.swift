#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A month of a year, in which Odoo gives its release and end-of-support dates.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The year of the Gregorian calendar.
  public let year: Int
  /// 1 for January to 12 for December.
  public let month: Int

  /// The month with this number, 1 to 12, in this year.
  public init(_ year: Int, _ month: Int) {
    precondition((1...12).contains(month), "a month is 1 to 12")
    self.year = year
    self.month = month
  }

  /// The month that a moment falls in, in UTC.
  public init(_ date: Date) {
    // Days since 1970-01-01 to a civil date, by the 400-year cycle of the Gregorian calendar counted from
    // March.
    let days = Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// This month a number of years later.
  public func adding(years: Int) -> Month { Month(year + years, month) }

  /// Orders by time.
  public static func < (left: Month, right: Month) -> Bool {
    (left.year, left.month) < (right.year, right.month)
  }

  /// As a person reads it: `October 2025`.
  public var description: String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
    return "\(names[month - 1]) \(year)"
  }
}
