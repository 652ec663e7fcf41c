import Foundation
import Testing

@testable import odeum

@Suite struct MomentTests {
  @Test func `a day is its beginning in UTC, an instant is itself`() throws {
    let day = try #require(Moment(argument: "2026-01-31"))
    #expect(day.date == Date(timeIntervalSince1970: 1_769_817_600) && day.isDay)
    let instant = try #require(Moment(argument: "2026-01-31T12:00:00Z"))
    #expect(instant.date == day.date + 43_200 && !instant.isDay)
  }

  @Test(arguments: ["", "yesterday", "31.01.2026", "2026-13-01"])
  func `anything else is refused`(text: String) { #expect(Moment(argument: text) == nil) }
}
