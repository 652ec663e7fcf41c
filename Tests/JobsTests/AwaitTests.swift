import Foundation
import Jobs
import Postgres
import PostgresTesting
import Synchronization
import Testing

@Suite("Waiting for what is away")
struct AwaitTests {
  /// Whether what was away is there again.
  private final class Back: Sendable {
    private let isSet = Mutex(false)
    var value: Bool { isSet.withLock { $0 } }
    func set() { isSet.withLock { $0 = true } }
  }

  @Test(
    "it waits as long as it takes without using up attempts, says so once, and goes on when woken",
    arguments: Keeping.allCases)
  func waits(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let subject = UUID()
      let back = Back()
      let script = Script { step, _ in
        if step == "two", !back.value {
          throw Await("Waits for srv-1.", pause: .milliseconds(1), limit: .seconds(3_600))
        }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create(), options: EnqueueOptions(subject: subject)).id
        try await eventually("it was tried more often than it may") { script.events.count > 10 }
        let job = try #require(try await queue.job(id))
        #expect(job.attempt == 1 && !job.state.isFinal)
        back.set()
        #expect(try await queue.end(of: id).state == .succeeded)
        #expect(try await queue.log(of: id).map(\.line) == ["Waits for srv-1."])
      }
    }
  }

  @Test(
    "only jobs that wait for what is away are woken, and only those of the subject",
    arguments: Keeping.allCases)
  func woken(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let subjects = [UUID(), UUID(), UUID()]
      let back = Back()
      let script = Script { step, run in
        guard step == "two", !back.value else { return .done }
        if run.jobID == (try await queue.jobs(.init(subject: subjects[2])).first?.id) {
          return .snooze(.seconds(3_600), "sleeps")
        }
        throw Await("Waits for srv-1.", pause: .seconds(3_600), limit: .seconds(3_600))
      }
      try await withWorker(queue, script) { _ in
        var ids: [UUID] = []
        for subject in subjects {
          ids.append(try await queue.enqueue(Create(), options: EnqueueOptions(subject: subject)).id)
        }
        for id in ids { try await queue.wait(id, .snoozed) }
        #expect(try await queue.job(ids[0])?.reason == "Waits for srv-1.")
        back.set()
        #expect(try await queue.wakeWaiting(on: []) == 0)
        #expect(try await queue.wakeWaiting(on: [subjects[0], subjects[2]]) == 1)
        #expect(try await queue.end(of: ids[0]).state == .succeeded)
        #expect(try await queue.job(ids[1])?.state == .snoozed)
        #expect(try await queue.job(ids[2])?.state == .snoozed)
      }
    }
  }

  @Test("after the limit the job fails and says what it waited for", arguments: Keeping.allCases)
  func limit(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script { _, _ in
        throw Await("Waits for srv-1.", pause: .milliseconds(1), limit: .milliseconds(100))
      }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: try await queue.enqueue(Create()).id)
        #expect(job.state == .failed)
        #expect(job.reason == "one: Waits for srv-1. It was waited for 100 ms, and no longer.")
      }
    }
  }

  @Test("the waiting does not count for the deadline of the step", arguments: Keeping.allCases)
  func deadline(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let begin = ContinuousClock.now
      // Its steps may take 200 ms.
      let script = Script { step, _ in
        guard step == "build", ContinuousClock.now - begin < .milliseconds(500) else { return .done }
        throw Await("Waits for srv-1.", pause: .milliseconds(10), limit: .seconds(3_600))
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Deploy()).id
        #expect(try await queue.end(of: id).state == .succeeded)
      }
    }
  }

  @Test("a cancelled job waits in its undoing, too, and is undone", arguments: Keeping.allCases)
  func undone(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let subject = UUID()
      let back = Back()
      let script = Script(
        { step, _ in
          if step == "two" { throw Await("Waits for srv-1.", pause: .seconds(3_600), limit: .seconds(3_600)) }
          return .done
        },
        undo: { step, _ in
          if step == "two", !back.value {
            throw Await("Waits for srv-1.", pause: .seconds(3_600), limit: .seconds(3_600))
          }
        })
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create(), options: EnqueueOptions(subject: subject)).id
        try await queue.wait(id, .snoozed)
        try await queue.cancel(id)
        try await eventually("its undoing waits") {
          let state = try await queue.job(id)?.state
          return script.events.contains("undo two") && state == .snoozed
        }
        back.set()
        try await queue.wakeWaiting(on: [subject])
        #expect(try await queue.end(of: id).state == .cancelled)
      }
      #expect(script.events.suffix(4) == ["undo two", "undo two", "undo one", "cancelled"])
    }
  }
}
