import Foundation
import Testing

@testable import odeum

@Suite struct TimeWordsTests {
  @Test(arguments: [
    (-1.0, "0.0 s"), (0.04, "0.0 s"), (0.45, "0.5 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"),
    (59.6, "1 min"),
    (61.0, "1 min 1 s"), (3599.4, "59 min 59 s"), (3600.0, "1 h"), (7500.0, "2 h 5 min"),
    (100_000.0, "1 d 3 h"),
  ])
  func `a length of time is said with two units at most`(seconds: Double, words: String) {
    #expect(seconds.inWords == words)
  }

  @Test(arguments: [
    (-5.0, "now"), (4.0, "now"), (59.0, "59 s"), (60.0, "1 min"), (3600.0, "1 h"), (172_799.0, "47 h"),
    (172_800.0, "2 d"),
  ])
  func `an age is said with one unit`(seconds: Double, words: String) {
    let now = Date(timeIntervalSince1970: 1_000_000)
    #expect(now.addingTimeInterval(-seconds).age(at: now) == words)
  }

  @Test func `ago reads as a sentence`() {
    let now = Date()
    #expect(now.ago(at: now) == "just now")
    #expect(now.addingTimeInterval(-120).ago(at: now) == "2 min ago")
  }
}
