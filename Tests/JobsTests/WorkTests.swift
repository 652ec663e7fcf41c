import Foundation
import Jobs
import Postgres
import PostgresTesting
import Testing

@Suite("Working on jobs")
struct WorkTests {
  @Test("steps run in their order, are recorded, and the hook runs once", arguments: Keeping.allCases)
  func order(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script()
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        let job = try await queue.end(of: id)
        #expect(job.state == .succeeded)
        #expect(job.startedAt != nil && job.finishedAt != nil)
        let steps = try await queue.steps(of: id)
        #expect(steps.map(\.name) == ["one", "two", "three"])
        #expect(steps.allSatisfy { $0.state == .done && $0.finishedAt != nil })
      }
      #expect(script.events == ["one", "two", "three", "succeeded"])
    }
  }

  @Test("the hook's changes and the final state are there together, or neither")
  func hookTransaction() async throws {
    try await withQueue { queue in
      try await queue.database.execute("CREATE TABLE thing (state text)")
      let script = Script(
        finished: { outcome, transaction in
          try await transaction.connection.execute("INSERT INTO thing VALUES (\(outcome.state))")
          if outcome == .succeeded { throw Fault() }
        })
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Create()).id)
        #expect(job.state == .failed)
        #expect(job.reason == "its end could not be recorded: the disk is full")
      }
      #expect(script.events == ["one", "two", "three", "succeeded", "failed"])
      let things = try await queue.database.query("SELECT state FROM thing").map {
        try $0.get("state", as: String.self)
      }
      #expect(things == ["failed"])
    }
  }

  @Test("a hook that always throws does not keep the job alive", arguments: Keeping.allCases)
  func brokenHook(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script(finished: { _, _ in throw Fault() })
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Create()).id)
        #expect(job.state == .failed)
      }
    }
  }

  @Test("an error ends the job with the step's name and the error's words", arguments: Keeping.allCases)
  func failure(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, _ in
        if step == "two" { throw Fault() }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        let job = try await queue.end(of: id)
        #expect(job.state == .failed && job.reason == "two: the disk is full")
        #expect(try await queue.steps(of: id).map(\.state) == [.done, .failed])
        #expect(try await queue.log(of: id).map(\.line) == ["two: the disk is full"])
      }
      #expect(script.events == ["one", "two", "failed"])
    }
  }

  @Test(
    "an error that may pass is tried again with pauses, and the attempts count per step",
    arguments: Keeping.allCases)
  func retry(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, run in
        if step != "three", run.attempt < 3 { throw Fault(isRetryable: true) }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        #expect(try await queue.end(of: id).state == .succeeded)
        let lines = try await queue.log(of: id).map(\.line)
        #expect(lines.count == 4)
        #expect(lines[0].contains("one: the disk is full; trying again in "))
        #expect(lines[0].contains("(attempt 2 of 3)"))
      }
      #expect(script.events == ["one", "one", "one", "two", "two", "two", "three", "succeeded"])
    }
  }

  @Test("after the last attempt the job fails", arguments: Keeping.allCases)
  func retriesEnd(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { _, _ in throw Fault(isRetryable: true) }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Create()).id)
        #expect(job.state == .failed && job.attempt == 3)
      }
      #expect(script.events == ["one", "one", "one", "failed"])
    }
  }

  @Test("pauses double up to a limit, and chance keeps them apart")
  func backoff() {
    var backoff = Backoff()
    #expect((1...4).map { backoff.pause(afterAttempt: $0, chance: 0) } == [1, 2, 4, 8].map { .seconds($0) })
    #expect(backoff.pause(afterAttempt: 60, chance: 0) == .seconds(300))
    #expect(backoff.pause(afterAttempt: 1, chance: -1) == .milliseconds(800))
    #expect(backoff.pause(afterAttempt: 1, chance: 1) == .milliseconds(1_200))
    backoff.jitter = 0
    #expect(backoff.pause(afterAttempt: 2) == .seconds(2))
  }

  @Test(
    "a snooze gives its place to others and goes on with the same step when woken",
    arguments: Keeping.allCases)
  func snooze(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, _ in step == "two" ? .snooze(.seconds(3_600), "waits for a build") : .done }
      let later = Script()
      let id = try await queue.enqueue(Create()).id
      try await withWorker(queue, script, concurrency: 1) { _ in
        try await queue.wait(id, .snoozed)
        #expect(try await queue.job(id)?.reason == "waits for a build")
        let ping = try await queue.enqueue(Ping()).id
        #expect(try await queue.end(of: ping).state == .succeeded)
      }
      try await withWorker(queue, later) { _ in
        try await queue.wake(id)
        #expect(try await queue.end(of: id).state == .succeeded)
      }
      #expect(script.events == ["one", "two", "ping 0"])
      #expect(later.events == ["two", "three", "succeeded"])
    }
  }

  @Test("a short snooze ends by itself", arguments: Keeping.allCases)
  func shortSnooze(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { _, run in run.lease < 3 ? .snooze(.milliseconds(30), "soon") : .done }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Ping()).id)
        #expect(job.state == .succeeded && job.reason == nil)
      }
      #expect(script.events == ["ping 0", "ping 0", "ping 0"])
    }
  }

  @Test("a wake that comes before the snooze is not lost", arguments: Keeping.allCases)
  func earlyWake(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { _, run in
        guard run.lease == 1 else { return .done }
        try await queue.wake(run.jobID)
        return .snooze(.seconds(3_600), "waits for ever")
      }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Ping()).id)
        #expect(job.state == .succeeded)
      }
    }
  }

  @Test(
    "a step that takes too long is cancelled, named, and undone where the job wants that",
    arguments: Keeping.allCases)
  func deadline(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, _ in
        if step == "switch" { try await Gate().wait() }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Deploy()).id)
        #expect(job.state == .failed)
        #expect(job.reason == "switch: the step 'switch' was not done within 200 ms")
      }
      #expect(script.events == ["build", "switch", "undo switch", "undo build", "failed"])
    }
  }

  @Test("a step cannot snooze beyond its deadline", arguments: Keeping.allCases)
  func endlessSnooze(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, _ in step == "build" ? .snooze(.milliseconds(50), "not yet") : .done }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Deploy()).id)
        #expect(job.reason == "build: the step 'build' was not done within 200 ms")
      }
    }
  }

  @Test("lines of the log keep their order and numbers, over steps and snoozes", arguments: Keeping.allCases)
  func log(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, run in
        for number in 0..<50 { run.log("\(step) \(number)", level: .output) }
        return run.lease == 1 && step == "two" ? .snooze(.zero, "once") : .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        #expect(try await queue.end(of: id).state == .succeeded)
        let lines = try await queue.log(of: id)
        let expected = ["one", "two", "two", "three"].flatMap { step in (0..<50).map { "\(step) \($0)" } }
        #expect(lines.map(\.line) == expected)
        #expect(lines.map(\.seq) == Array(1...200))
        #expect(lines[0].level == .output && lines[0].step == "one")
        #expect(try await queue.log(of: id, after: 198).map(\.seq) == [199, 200])
        #expect(try await queue.endOfLog(of: id, lines: 2).map(\.seq) == [199, 200])
      }
    }
  }

  @Test("a job of one step has no row for it, unless it logs", arguments: Keeping.allCases)
  func rows(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, run in
        if step == "ping 1" { run.log("hello") }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let silent = try await queue.enqueue(Ping(number: 0)).id
        let talking = try await queue.enqueue(Ping(number: 1)).id
        #expect(try await queue.end(of: silent).state == .succeeded)
        #expect(try await queue.end(of: talking).state == .succeeded)
        #expect(try await queue.steps(of: silent).isEmpty)
        #expect(try await queue.steps(of: talking).map(\.state) == [.done])
      }
    }
  }

  @Test("following tells every line, every step and the end, in order", arguments: Keeping.allCases)
  func follow(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (begin, go) = (Gate(), Gate())
      let script = Script { step, run in
        if step == "one" {
          run.log("first")
          run.progress(0.5, "half way")
          begin.open()
          try await go.wait()
        }
        run.log("\(step) ends")
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        try await begin.wait()
        var lines: [String] = []
        var steps: [String] = []
        var states: [JobState] = []
        for try await event in queue.follow(id) {
          switch event {
          case .log(let line): lines.append(line.line)
          case .step(let step):
            if step.progress == 0.5 {
              #expect(step.progressText == "half way")
              go.open()
            }
            if step.state == .done { steps.append(step.name) }
          case .job(let job): states.append(job.state)
          }
        }
        #expect(lines == ["first", "one ends", "two ends", "three ends"])
        #expect(steps == ["one", "two", "three"])
        #expect(states.last == .succeeded)
      }
      await #expect(throws: JobNotFound.self) { for try await _ in queue.follow(UUID()) {} }
    }
  }

  @Test("a job that this program cannot read fails and says so")
  func unreadable() async throws {
    try await withQueue { queue in
      let id = try await queue.enqueue(Create()).id
      try await queue.database.execute("UPDATE job SET body = '[]' WHERE id = \(id)")
      try await withWorker(queue, Script()) { _ in
        let job = try await queue.end(of: id)
        #expect(job.state == .failed)
        #expect(job.reason?.contains("its content cannot be read: column 'body'") == true)
      }
    }
  }

  @Test("kinds that a worker does not know are left to others", arguments: Keeping.allCases)
  func unknownKind(keeping: Keeping) async throws {
    struct Foreign: PlainJob {
      static let kind = "test.foreign"
      static let steps: [Step<Self>] = [Step("run", deadline: .seconds(1)) { _, _, _ in .done }]
      typealias Context = Void
    }
    try await withQueue(keeping) { queue in
      let foreign = try await queue.enqueue(Foreign()).id
      try await withWorker(queue, Script()) { (_) async throws in
        #expect(try await queue.end(of: try await queue.enqueue(Ping()).id).state == .succeeded)
        #expect(try await queue.job(foreign)?.state == .queued)
      }
    }
  }

  @Test(
    "a job with a time runs after it, a job of smaller priority number first", arguments: Keeping.allCases)
  func timeAndPriority(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script()
      try await queue.enqueue(Ping(number: 1), options: .init(priority: 1))
      try await queue.enqueue(Ping(number: 0), options: .init(priority: 0))
      let late = try await queue.enqueue(Ping(number: 9), options: .init(runAt: Date() + 3_600)).id
      let last = try await queue.enqueue(Ping(number: 2), options: .init(priority: 2, runAt: Date() + 0.2)).id
      try await withWorker(queue, script, concurrency: 1) { (_) async throws in
        #expect(try await queue.end(of: last).state == .succeeded)
        #expect(try await queue.job(late)?.state == .queued)
      }
      #expect(script.events == ["ping 0", "ping 1", "ping 2"])
    }
  }
}
