import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Jobs

/// The same kind as in `test-program`, which runs it in a process that can be killed.
private struct Chore: Job {
  static let kind = "test.chore"
  static let steps: [Step<Self>] = ["fetch", "unpack", "link"].map { name in
    Step(name, deadline: .seconds(60)) { _, _, _ in .done }
  }
  typealias Context = Void

  func finished(_ outcome: JobOutcome, _ context: Void, _ transaction: any Transaction) async throws {}
}

@Suite("A killed process")
struct CrashTests {
  @Test(
    "a process killed before or after any step is replaced, and every effect is there once",
    arguments: ["fetch", "unpack", "link"], ["before", "after"])
  func crashPoint(step: String, moment: String) async throws {
    try await withQueue { queue in
      try await prepare(queue)
      let place = ["ODEUM_CRASH_AT": "test.chore/\(step)/\(moment)"]
      let id = try await queue.enqueue(Chore()).id
      let first = try worker(queue, place)
      #expect(await first.line(beginningWith: "never") == nil)
      #expect(first.waitForEnd() == SIGKILL)
      #expect(try await queue.job(id)?.state == .running)
      // The same environment: a crash point strikes once.
      let second = try worker(queue, place)
      #expect(try await queue.end(of: id).state == .succeeded)
      second.killHard()
      let effects = try await queue.database.query("SELECT step FROM effect ORDER BY number").map {
        try $0.get("step", as: String.self)
      }
      #expect(effects == ["fetch", "unpack", "link"])
      let ends = try await queue.database.query("SELECT FROM ending")
      #expect(ends.count == 1)
    }
  }

  @Test("another process takes over from a killed one by the heartbeat alone")
  func takeOver() async throws {
    try await withQueue { queue in
      try await prepare(queue)
      let id = try await queue.enqueue(Chore(), options: .init(requestedBy: "hang")).id
      let first = try worker(queue, ["HANG_AT": "unpack"])
      #expect(await first.line(beginningWith: "hangs") != nil)
      let second = try worker(queue, ["HOST": "another"])
      first.killHard()
      #expect(try await queue.end(of: id).state == .succeeded)
      second.killHard()
      let effects = try await queue.database.query("SELECT FROM effect")
      #expect(effects.count == 3)
    }
  }

  @Test("a process that is stopped inside a transaction keeps nobody from taking over")
  func stopsInTransaction() async throws {
    try await withQueue { queue in
      try await prepare(queue)
      let id = try await queue.enqueue(Chore()).id
      let first = try worker(queue, ["STOP_IN": "unpack"])
      #expect(await first.line(beginningWith: "stops") != nil)
      let second = try worker(queue, ["HOST": "another"])
      #expect(try await queue.end(of: id).state == .succeeded)
      first.signal(SIGCONT)
      try await eventually("the first one begins anew beside the second") {
        try await queue.database.query("SELECT FROM job_worker").count == 2
      }
      let effects = try await queue.database.query("SELECT step FROM effect ORDER BY number").map {
        try $0.get("step", as: String.self)
      }
      #expect(effects == ["fetch", "unpack", "link"])
      first.killHard()
      second.killHard()
    }
  }

  private func prepare(_ queue: JobQueue) async throws {
    try await queue.database.execute(
      "CREATE TABLE effect (number int GENERATED ALWAYS AS IDENTITY, job uuid, step text, UNIQUE (job, step))"
    )
    try await queue.database.execute("CREATE TABLE ending (job uuid, state text)")
  }

  private func worker(_ queue: JobQueue, _ environment: [String: String]) throws -> TestProcess {
    let parameters = queue.database.configuration.parameters
    let address = parameters.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    return try TestProcess(["worker", address], environment: environment)
  }
}
