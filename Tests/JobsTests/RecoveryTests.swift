import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Jobs

@Suite("Workers that die")
struct RecoveryTests {
  /// Takes a job as a worker would that is killed right after: its heart never beats.
  private func claimAndDie(_ queue: JobQueue, host: String = "elsewhere") async throws -> ClaimedJob {
    let worker = UUID.v7()
    let store = queue.store.forWorker()
    _ = try await store.register(worker, host: host, keepsLanes: false)
    let claims = try await store.claim(Claim(for: worker, kinds: ["test.create", "test.ping"], free: 1))
    await store.close()
    return try #require(claims.first)
  }

  @Test(
    "a job whose worker's heart stands still goes on at the step that was cut off",
    arguments: Keeping.allCases)
  func heartbeat(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let id = try await queue.enqueue(Create()).id
      let claim = try await claimAndDie(queue)
      let store = queue.store.forWorker()
      _ = try await store.advance(claim.token, done: nil, next: StepMark(0, "one"))
      _ = try await store.advance(claim.token, done: "one", next: StepMark(1, "two"))
      await store.close()
      let script = Script { step, run in
        if step == "two" { #expect(run.lease > claim.lease && run.attempt == 1) }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: id)
        #expect(job.state == .succeeded)
      }
      #expect(script.events == ["two", "three", "succeeded"])
    }
  }

  @Test(
    "the process that holds the host's lock has its predecessor's jobs at once, and nobody else's",
    arguments: Keeping.allCases)
  func hostLock(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      var slow = WorkerTiming.quick
      slow.deadAfter = .seconds(3_600)
      let mine = try await queue.enqueue(Create()).id
      _ = try await claimAndDie(queue, host: "here")
      let other = try await queue.enqueue(Create()).id
      _ = try await claimAndDie(queue, host: "elsewhere")
      try await withWorker(queue, Script(), timing: slow, holdsHostLock: true) { (_) async throws in
        #expect(try await queue.end(of: mine).state == .succeeded)
        #expect(try await queue.job(other)?.state == .running)
      }
      #expect(try await queue.releaseWorkers(of: "elsewhere") == [other])
    }
  }

  @Test(
    "a worker taken for dead stops its jobs, which end elsewhere, and begins anew",
    arguments: Keeping.allCases)
  func takenForDead(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (begun, stopped) = (Gate(), Gate())
      let script = Script { step, run in
        guard step == "two", run.lease == 1 else { return .done }
        begun.open()
        do {
          try await Gate().wait()
        } catch {
          #expect(throws: LeaseLost.self) { try run.checkpoint() }
          // A step that does not care that it was cancelled is shut out all the same.
          await Task {
            _ = await #expect(throws: LeaseLost.self) { try await run.guarded { _ in } }
          }.value
          run.log("a line that comes too late")
          stopped.open()
          throw error
        }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        try await begun.wait()
        try await queue.releaseWorkers(of: "here")
        try await stopped.wait()
        let job = try await queue.end(of: id)
        #expect(job.state == .succeeded)
        let lines = try await queue.log(of: id)
        #expect(lines.isEmpty)
      }
      #expect(script.events == ["one", "two", "two", "three", "succeeded"])
    }
  }

  @Test("whoever takes a job over waits for the end of its guarded transaction")
  func guarded() async throws {
    try await withQueue { queue in
      try await queue.database.execute("CREATE TABLE effect (text text)")
      let (begun, go) = (Gate(), Gate())
      let script = Script { _, run in
        guard run.lease == 1 else { return .done }
        try await run.guarded { transaction in
          try await transaction.connection.execute("INSERT INTO effect VALUES ('done')")
          begun.open()
          try await go.wait()
        }
        try await Gate().wait()
        return .done
      }
      var heartless = WorkerTiming.impatient
      heartless.beat = .seconds(3_600)
      try await withWorker(queue, script, timing: heartless) { _ in
        let id = try await queue.enqueue(Ping()).id
        try await begun.wait()
        let takeOver = Task { try await queue.releaseWorkers(of: "here") }
        try await eventually("the take-over waits for the row") {
          try await !queue.database.query(
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'WITH orphans%'"
          ).isEmpty
        }
        go.open()
        #expect(try await takeOver.value == [id])
        let effects = try await queue.database.query("SELECT FROM effect")
        #expect(effects.count == 1)
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.jobs()[0].id
        #expect(try await queue.end(of: id).state == .succeeded)
      }
    }
  }

  @Test("a job that kills every worker is given up, with that reason", arguments: Keeping.allCases)
  func poison(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script()
      let id = try await queue.enqueue(Create()).id
      for _ in 0..<25 {
        _ = try await claimAndDie(queue)
        try await queue.releaseWorkers(of: "elsewhere")
      }
      try await withWorker(queue, script) { _ in
        let job = try await queue.end(of: id)
        #expect(job.state == .failed)
        #expect(job.reason == "given up: the worker died 25 times while it was at 'one'")
      }
      #expect(script.events == ["failed"])
    }
  }

  @Test(
    "a worker that ends lets a step finish and hands the rest to the next one", arguments: Keeping.allCases)
  func gracefulEnd(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let begun = Gate()
      let first = Script { step, run in
        if step == "two" {
          begun.open()
          try await eventually("the job is asked to stop behind this step") { run.running.stop == .release }
        }
        return .done
      }
      let second = Script()
      let id = try await queue.enqueue(Create()).id
      try await withWorker(queue, first) { task in
        try await begun.wait()
        task.cancel()
        try await task.value
      }
      let job = try #require(try await queue.job(id))
      #expect(job.state == .queued && job.interruptions == 0)
      try await withWorker(queue, second) { _ in
        let job = try await queue.end(of: id)
        #expect(job.state == .succeeded)
      }
      #expect(first.events == ["one", "two"])
      #expect(second.events == ["three", "succeeded"])
    }
  }

  @Test(
    "a worker that must end interrupts a long step, which the next one runs again",
    arguments: Keeping.allCases)
  func impatientEnd(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let first = Script { _, _ in
        try await Gate().wait()
        return .done
      }
      let id = try await queue.enqueue(Create()).id
      try await withWorker(queue, first, timing: .impatient) { _ in
        try await eventually("the step runs") { first.events == ["one"] }
      }
      let job = try #require(try await queue.job(id))
      #expect(job.state == .queued && job.attempt == 1 && job.interruptions == 0)
    }
  }

  @Test("jobs go on when every connection to the database is cut, again and again, and each ends once")
  func connectionsCut() async throws {
    try await withQueue { queue in
      let script = Script { _, _ in
        try await Task.sleep(for: .milliseconds(2))
        return .done
      }
      try await withWorker(queue, script, concurrency: 10) { _ in
        let ids = try await queue.enqueue(contentsOf: (0..<200).map { _ in Create() })
        let admin = Database(queue.database.configuration, connections: 1, logger: .quiet)
        // A worker that cannot even begin says so and ends.
        try await eventually("the worker has begun") {
          try await !admin.query("SELECT FROM job_worker").isEmpty
        }
        for _ in 0..<10 {
          try await admin.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
          try await Task.sleep(for: .milliseconds(30))
        }
        try await eventually("all jobs have succeeded") {
          try await admin.query("SELECT FROM job WHERE state = 'succeeded'").count == ids.count
        }
        await admin.close()
      }
      // The hook runs again when the connection broke at the commit, but its transaction counts once.
      #expect(script.events.filter { $0 == "succeeded" }.count >= 200)
    }
  }

  @Test(
    "a worker that is ended while it begins ends without an error and leaves nothing",
    arguments: Keeping.allCases)
  func endedAtOnce(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let worker = Worker(
        queue: queue, kinds: JobKinds(), host: "here", holdsHostLock: true, timing: .quick, logger: .quiet)
      // From before its first step to behind its registration: by turns, not by the clock.
      for turns in 0..<40 {
        let task = Task { try await worker.run() }
        for _ in 0..<(turns * turns) { await Task.yield() }
        task.cancel()
        try await task.value
      }
      if keeping == .postgres {
        #expect(try await queue.database.query("SELECT FROM job_worker").isEmpty)
      }
    }
  }

  @Test("without any notification, jobs are found by looking")
  func polling() async throws {
    try await withQueue { queue in
      try await queue.database.execute("DROP TRIGGER job_wake ON job")
      try await withWorker(queue, Script()) { _ in
        let first = try await queue.enqueue(Ping()).id
        try await queue.wait(first, .succeeded)
        let second = try await queue.enqueue(Create()).id
        try await queue.wait(second, .succeeded)
      }
    }
  }

  @Test("a heart is judged by changes of its counter and our own time, not after we slept ourselves")
  func heartWatch() {
    var watch = HeartWatch(deadAfter: .seconds(10), longestStep: .seconds(4))
    let (a, b) = (UUID(), UUID())
    let begin = Duration.zero
    func look(_ seconds: Int, _ beats: [UUID: Int]) -> [UUID] {
      watch.observe(beats, at: begin + .seconds(seconds)).map(\.worker)
    }
    #expect(look(0, [a: 1, b: 1]).isEmpty)
    for second in stride(from: 2, through: 8, by: 2) { #expect(look(second, [a: 1, b: second]).isEmpty) }
    #expect(look(10, [a: 1, b: 10]) == [a])
    // A gap of ours counts as one step, whatever the clock says.
    #expect(look(1_000, [b: 10]).isEmpty)
    #expect(look(2_000, [b: 10]).isEmpty)
    #expect(look(2_002, [b: 10]) == [b])
    // After a reset, and for a worker seen for the first time, the count begins anew.
    watch.reset()
    #expect(look(2_004, [b: 10]).isEmpty)
  }
}
