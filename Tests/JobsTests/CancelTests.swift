import Foundation
import Jobs
import Postgres
import PostgresTesting
import Testing

@Suite("Cancelling and superseding")
struct CancelTests {
  @Test("a job cancelled before it began never runs, and its hook is told", arguments: Keeping.allCases)
  func queued(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script()
      let id = try await queue.enqueue(Create()).id
      #expect(try await queue.cancel(id) == .requested)
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: id)
        #expect(job.state == .cancelled)
      }
      #expect(script.events == ["cancelled"])
      #expect(try await queue.cancel(id) == .alreadyFinal(.cancelled))
      await #expect(throws: JobNotFound.self) { try await queue.cancel(UUID()) }
    }
  }

  @Test("the running step is cancelled and what was done is undone in reverse", arguments: Keeping.allCases)
  func running(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (script, begun) = Script.hanging(at: "two")
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        try await begun.wait()
        try await queue.cancel(id)
        let job = try await queue.end(of: id)
        #expect(job.state == .cancelled && job.reason == nil)
        #expect(try await queue.steps(of: id).map(\.state) == [.undone, .undone])
        #expect(try await queue.log(of: id).map(\.line) == ["undoing 'two'", "undoing 'one'"])
      }
      #expect(script.events == ["one", "two", "undo two", "undo one", "cancelled"])
    }
  }

  @Test("a snoozed job is cancelled without waiting for its time", arguments: Keeping.allCases)
  func snoozed(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, _ in step == "two" ? .snooze(.seconds(3_600), "long") : .done }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        try await queue.wait(id, .snoozed)
        try await queue.cancel(id)
        #expect(try await queue.end(of: id).state == .cancelled)
      }
      #expect(script.events == ["one", "two", "undo two", "undo one", "cancelled"])
    }
  }

  @Test("past the point of no return a job goes on to its end", arguments: Keeping.allCases)
  func pointOfNoReturn(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (begun, go) = (Gate(), Gate())
      let script = Script { step, _ in
        if step == "delete" {
          begun.open()
          try await go.wait()
        }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Remove()).id
        try await begun.wait()
        #expect(try await queue.cancel(id) == .requested)
        go.open()
        #expect(try await queue.end(of: id).state == .succeeded)
      }
      #expect(script.events == ["look", "delete", "sweep", "succeeded"])
    }
  }

  @Test("cancelled jobs do not wait for a free place", arguments: Keeping.allCases)
  func noPlace(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (script, begun) = Script.hanging(at: "ping 0")
      try await withWorker(queue, script, concurrency: 1, timing: .impatient) { _ in
        try await queue.enqueue(Ping(number: 0))
        try await begun.wait()
        let id = try await queue.enqueue(Create()).id
        try await queue.cancel(id)
        #expect(try await queue.end(of: id).state == .cancelled)
      }
    }
  }

  @Test(
    "an undo that fails for now is tried again; one that fails for good is the job's reason",
    arguments: Keeping.allCases)
  func undoFails(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script(
        { step, _ in
          if step == "three" { try await Gate().wait() }
          return .done
        },
        undo: { step, run in
          if step == "two", run.attempt == 1 { throw Fault(isRetryable: true) }
          if step == "one" { throw Fault() }
        })
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        try await eventually("the last step runs") { script.events.last == "three" }
        try await queue.cancel(id)
        let job = try await queue.end(of: id)
        #expect(job.state == .failed)
        #expect(job.reason == "'one' could not be undone: the disk is full")
      }
      #expect(script.events == ["one", "two", "three", "undo two", "undo two", "undo one", "failed"])
    }
  }

  @Test(
    "a removal supersedes a running creation: that is undone first, and both have their ends",
    arguments: Keeping.allCases)
  func supersedeRunning(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (begun, mayLook) = (Gate(), Gate())
      let script = Script { step, _ in
        if step == "two" {
          begun.open()
          try await Gate().wait()
        }
        if step == "look" { try await mayLook.wait() }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let subject = UUID()
        let create = try await queue.enqueue(Create(), options: .init(subject: subject)).id
        try await begun.wait()
        let remove = try await queue.enqueue(Remove(), options: .init(subject: subject, superseding: true)).id
        await #expect(throws: JobConflict(activeJobID: remove, kind: "test.remove")) {
          try await queue.enqueue(Create(), options: .init(subject: subject))
        }
        mayLook.open()
        #expect(try await queue.end(of: remove).state == .succeeded)
        let ended = try #require(try await queue.job(create))
        #expect(ended.state == .cancelled && ended.supersededBy == remove)
      }
      #expect(
        script.events == [
          "one", "two", "undo two", "undo one", "cancelled", "look", "delete", "sweep", "succeeded",
        ])
    }
  }

  @Test(
    "a snoozed job that is superseded makes room at once, not when its time has come",
    arguments: Keeping.allCases)
  func supersedeSnoozed(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { step, _ in step == "two" ? .snooze(.seconds(3_600), "long") : .done }
      try await withWorker(queue, script) { _ in
        let subject = UUID()
        let create = try await queue.enqueue(Create(), options: .init(subject: subject)).id
        try await queue.wait(create, .snoozed)
        let remove = try await queue.enqueue(Remove(), options: .init(subject: subject, superseding: true)).id
        #expect(try await queue.end(of: remove).state == .succeeded)
        #expect(try await queue.job(create)?.state == .cancelled)
      }
    }
  }

  @Test(
    "superseding a job that waits for another one keeps the order of all three", arguments: Keeping.allCases)
  func supersedeChain(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (begun, go) = (Gate(), Gate())
      let script = Script { step, _ in
        if step == "delete" {
          begun.open()
          try await go.wait()
        }
        return .done
      }
      let options = EnqueueOptions(subject: UUID(), superseding: true)
      try await withWorker(queue, script) { _ in
        let first = try await queue.enqueue(Remove(), options: options).id
        try await begun.wait()
        // The first one is past its point of no return, so it goes on; the second one is cancelled meanwhile.
        let second = try await queue.enqueue(Create(), options: options).id
        let third = try await queue.enqueue(Deploy(), options: options).id
        #expect(try await queue.job(second)?.waitsFor == first)
        #expect(try await queue.job(third)?.waitsFor == second)
        go.open()
        #expect(try await queue.end(of: third).state == .succeeded)
        #expect(try await queue.job(first)?.state == .succeeded)
        #expect(try await queue.job(second)?.state == .cancelled)
      }
      #expect(
        script.events == [
          "look", "delete", "sweep", "succeeded", "cancelled", "build", "switch", "succeeded",
        ])
    }
  }

  @Test("superseding nothing is an ordinary job", arguments: Keeping.allCases)
  func supersedeNothing(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      try await withWorker(queue, Script()) { _ in
        let id = try await queue.enqueue(Remove(), options: .init(subject: UUID(), superseding: true)).id
        #expect(try await queue.end(of: id).state == .succeeded)
      }
    }
  }
}

extension WorkerTiming {
  /// Ends without waiting for steps that sleep.
  static var impatient: WorkerTiming {
    var timing = quick
    timing.grace = .milliseconds(50)
    return timing
  }
}
