import Foundation
import PostgresTesting
import Testing

@testable import Jobs

@Suite("Schedules", .timeLimit(.minutes(2)))
struct ScheduleTests {
  /// 2027-01-15 at that time in UTC, in seconds after midnight.
  private func at(_ hour: Int, _ minute: Int, days: Int = 0) -> Date {
    Date(timeIntervalSince1970: 1_800_000_000 - 28_800 + Double(hour * 3_600 + minute * 60 + days * 86_400))
  }

  @Test(
    "times are read strictly",
    arguments: ["", " ", "2:00", "24:00", "02:60", "0200", "02:00,14:00", "02:00x", "-1:00"])
  func refused(text: String) { #expect(DailyTimes(text) == nil) }

  @Test("the latest time that has come is of today, or the last one of yesterday")
  func latest() throws {
    let times = try #require(DailyTimes("14:00 02:00  02:00"))
    #expect(times.description == "02:00 14:00")
    #expect(times.latest(at: at(1, 59)) == at(14, 0, days: -1))
    #expect(times.latest(at: at(2, 0)) == at(2, 0))
    #expect(times.latest(at: at(13, 59)) == at(2, 0))
    #expect(times.latest(at: at(23, 59)) == at(14, 0))
    #expect(try #require(DailyTimes("00:00")).latest(at: at(0, 0)) == at(0, 0))
  }

  private func schedule(_ name: String = "tidy") throws -> JobSchedule {
    JobSchedule(name, at: try #require(DailyTimes("02:00 14:00"))) { Ping() }
  }

  @Test(
    "each time is asked for once, by however many, and whatever the clock does", arguments: Keeping.allCases)
  func once(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let workers = try (0..<4).map { _ in Scheduler([try schedule()]) }
      func ask(at now: Date) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
          for worker in workers { group.addTask { try await worker.ask(queue, at: now) } }
          return try await group.reduce(0, +)
        }
      }
      #expect(try await ask(at: at(3, 0)) == 1)
      #expect(try await ask(at: at(13, 59)) == 0)
      // An hour ahead, and back again before it is really two: nothing is done twice.
      #expect(try await ask(at: at(14, 1)) == 1)
      #expect(try await ask(at: at(13, 1)) == 0)
      #expect(try await ask(at: at(14, 0)) == 0)
      // Two days ahead, and back again: what was passed over is still done.
      #expect(try await ask(at: at(3, 0, days: 2)) == 1)
      #expect(try await ask(at: at(3, 0, days: 1)) == 1)
      #expect(try await ask(at: at(3, 0, days: 2)) == 0)
    }
  }

  @Test(
    "workers do what is due, one of them, and what nobody was there for when somebody is",
    arguments: Keeping.allCases)
  func done(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script()
      let schedules = [try schedule("a"), try schedule("b")]
      try await withWorker(queue, script, host: "one", schedules: schedules) { (_) async throws in
        try await withWorker(queue, script, host: "two", schedules: schedules) { (_) async throws in
          try await eventually("both are done") { script.events.count == 2 }
        }
      }
      try await withWorker(queue, script, schedules: schedules) { (_) async throws in
        let ping = try await queue.enqueue(Ping()).id
        #expect(try await queue.end(of: ping).state == .succeeded)
      }
      #expect(script.events.count == 3)
    }
  }
}
