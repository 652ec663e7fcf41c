import ArgumentParser
import Foundation

/// A point in time as it is typed: an instant, or a day in UTC, which is its beginning.
struct Moment: ExpressibleByArgument, Equatable {
  let date: Date
  /// Whether only the day was given.
  let isDay: Bool

  init?(argument: String) {
    if let date = try? Date(argument, strategy: .iso8601) {
      (self.date, isDay) = (date, false)
    } else if let day = try? Date(argument, strategy: .iso8601.year().month().day()) {
      (date, isDay) = (day, true)
    } else {
      return nil
    }
  }
}
