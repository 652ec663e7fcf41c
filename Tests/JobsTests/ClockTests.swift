import Foundation
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Jobs

@Suite("Clocks that jump")
struct ClockTests {
  /// Puts all that is written into the past, or into the future: what the database's clock does when it jumps.
  private func shift(_ queue: JobQueue, by interval: Duration) async throws {
    try await queue.database.execute(
      """
      UPDATE job SET run_at = run_at + \(interval), created_at = created_at + \(interval),
        started_at = started_at + \(interval)
      """)
    try await queue.database.execute(
      """
      UPDATE job_step SET started_at = started_at + \(interval), finished_at = finished_at + \(interval),
        left_at = left_at + \(interval), awaiting_since = awaiting_since + \(interval)
      """)
  }

  @Test("a clock that jumps forward ends pauses early, and no step by its deadline or its limit of waiting")
  func forward() async throws {
    try await withQueue { queue in
      // Its steps may take 60 s.
      let first = Script { step, _ in
        switch step {
        case "one": .snooze(.seconds(30), "sleeps")
        case "look": throw Await("Waits for srv-1.", pause: .seconds(30), limit: .seconds(60))
        default: .done
        }
      }
      let sleeping = try await queue.enqueue(Create()).id
      let waiting = try await queue.enqueue(Remove()).id
      try await withWorker(queue, first) { _ in
        for id in [sleeping, waiting] { try await queue.wait(id, .snoozed) }
      }
      try await shift(queue, by: .seconds(-7_200))
      let again = Script { step, run in
        if step == "look", run.lease == 2 {
          throw Await("Waits for srv-1.", pause: .milliseconds(1), limit: .seconds(60))
        }
        return .done
      }
      try await withWorker(queue, again) { (_) async throws in
        for id in [sleeping, waiting] { #expect(try await queue.end(of: id).state == .succeeded) }
      }
    }
  }

  @Test("pauses count for a step's deadline, as far as they were planned")
  func planned() async throws {
    try await withQueue { queue in
      let script = Script { step, run in
        if step == "one", run.lease == 1 { return .snooze(.seconds(90), "sleeps") }
        return step == "one" ? .snooze(.seconds(1), "not yet") : .done
      }
      let id = try await queue.enqueue(Create()).id
      try await withWorker(queue, script) { _ in try await queue.wait(id, .snoozed) }
      try await shift(queue, by: .seconds(-100))
      try await withWorker(queue, script) { (_) async throws in
        #expect(try await queue.end(of: id).reason == "one: the step 'one' was not done within 60 s")
      }
    }
  }

  @Test("what was written by a clock that has been set back since goes on at once; a time of its own is kept")
  func beforeTheStart() async throws {
    try await withQueue { queue in
      let first = Script { step, _ in step == "one" ? .snooze(.seconds(3_600), "sleeps") : .done }
      let sleeping = try await queue.enqueue(Create()).id
      try await withWorker(queue, first) { _ in try await queue.wait(sleeping, .snoozed) }
      let queued = try await queue.enqueue(Ping()).id
      let released = try await queue.enqueue(Ping()).id
      let timed = try await queue.enqueue(Ping(), options: .init(runAt: Date() + 60)).id
      try await queue.database.execute("UPDATE job SET started_at = now() WHERE id = \(released)")
      try await shift(queue, by: .seconds(3_600))
      // This one was written by the clock as it is now.
      let pausing = try await queue.enqueue(Ping()).id
      try await queue.database.execute(
        "UPDATE job SET state = 'snoozed', started_at = now(), run_at = now() + interval '1 hour' WHERE id = \(pausing)"
      )
      try await withWorker(queue, Script()) { (_) async throws in
        for id in [sleeping, queued, released] { #expect(try await queue.end(of: id).state == .succeeded) }
        #expect(try await queue.job(timed)?.state == .queued)
        #expect(try await queue.job(pausing)?.state == .snoozed)
      }
    }
  }

  /// The wall clock of one process, which somebody sets.
  private final class WallClock: Sendable {
    private let offset = Mutex(TimeInterval(0))

    func set(by seconds: TimeInterval) { offset.withLock { $0 += seconds } }

    var surroundings: TimeAndChance {
      TimeAndChance(
        clock: ContinuousClock(), date: { Date() + self.offset.withLock { $0 } },
        random: { .random(in: 0 ... .max) })
    }
  }

  @Test(
    "a process whose clock is set back by an hour does everything once, and its log stays in order",
    arguments: Keeping.allCases)
  func processSetBack(keeping: Keeping) async throws {
    try await withQueue(keeping) { shared in
      let clock = WallClock()
      let queue = JobQueue(store: shared.store, surroundings: clock.surroundings, logger: .quiet)
      let script = Script { step, run in
        run.log("\(step) \(run.attempt)")
        guard step == "one" else { return .done }
        clock.set(by: -3_600)
        return .done
      }
      // Another process, whose clock is right, looks on: it takes nobody for dead.
      let onlooker = Script()
      let id = try await queue.enqueue(Create()).id
      try await withWorker(queue, script) { (_) async throws in
        #expect(try await queue.end(of: id).state == .succeeded)
        try await withWorker(shared, onlooker, host: "elsewhere") { (_) async throws in
          // Numbers of jobs follow the clock: these are smaller than those before.
          for number in 1...3 {
            let ping = try await queue.enqueue(Ping(number: number)).id
            #expect(ping.uuidString < id.uuidString)
            #expect(try await shared.end(of: ping).state == .succeeded)
          }
        }
      }
      #expect(script.events.prefix(4) == ["one", "two", "three", "succeeded"])
      let pings = (script.events.dropFirst(4) + onlooker.events).sorted()
      #expect(pings == ["ping 1", "ping 2", "ping 3"])
      #expect(try await shared.log(of: id).map(\.line) == ["one 1", "two 1", "three 1"])
    }
  }

  @Test("a step back is told from a slow answer, from a slower clock and from a step forward")
  func storeClock() {
    var clock = StoreClock()
    let (begin, date) = (Duration.zero, Date(timeIntervalSince1970: 1_800_000_000))
    func jumps(_ seconds: Double, asked: Double, answered: Double) -> Bool {
      clock.hasJumpedBack(
        to: date + seconds, askedAt: begin + .seconds(asked), answeredAt: begin + .seconds(answered))
    }
    #expect(!jumps(0, asked: 0, answered: 1))
    #expect(!jumps(2, asked: 2, answered: 32))
    // It said its time at the beginning of those thirty seconds, or at their end.
    #expect(!jumps(34, asked: 34, answered: 34))
    #expect(!jumps(35.5, asked: 36, answered: 36))
    #expect(jumps(-3_562, asked: 38, answered: 38))
    #expect(!jumps(-3_560, asked: 40, answered: 40))
    #expect(!jumps(3_640, asked: 42, answered: 42))
    #expect(jumps(44, asked: 44, answered: 44))
  }

  private static let faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

  @Test(
    "the clock of a database at work jumps by an hour, back and forth: nothing is lost, doubled or late",
    .enabled(if: FileManager.default.fileExists(atPath: faketime), "needs the package libfaketime")
  )
  func atWork() async throws {
    try await withFakedDatabase { database, setClock in
      try await Migrator(JobQueue.migrations).migrate(database)
      let queue = JobQueue(database, logger: .quiet)
      let script = Script { step, run in
        if step == "two", run.lease == 1 { return .snooze(.seconds(5), "sleeps") }
        if step.hasPrefix("ping"), run.lease == 1 { throw Fault(isRetryable: true) }
        return .done
      }
      var timing = WorkerTiming.quick
      // Long enough that all of them are seen to wait before one goes on.
      timing.backoff.first = .seconds(5)
      timing.backoff.longest = .seconds(5)
      // The first jump comes before the first beat.
      timing.beat = .milliseconds(500)
      timing.deadAfter = .seconds(5)
      try await withWorker(queue, script, timing: timing) { (_) async throws in
        for jump in ["-3600", "+3600", "+0", "-7200"] {
          let before = try await database.query("SELECT now() AS now")[0].get("now", as: Date.self)
          let ids = try await queue.enqueue(contentsOf: [Create()])
          let ping = try await queue.enqueue(Ping()).id
          for id in ids + [ping] { try await queue.wait(id, .snoozed) }
          try setClock(jump)
          let after = try await database.query("SELECT now() AS now")[0].get("now", as: Date.self)
          #expect(abs(after.timeIntervalSince(before)) > 3_000, "the clock has jumped")
          let between = try await queue.enqueue(Ping()).id
          for id in ids + [ping, between] {
            let job = try await queue.end(of: id)
            #expect(job.state == .succeeded && job.interruptions == 0)
          }
        }
        #expect(try await database.query("SELECT FROM job_worker").count == 1)
      }
      #expect(script.events.filter { $0 == "succeeded" }.count == 4)
      #expect(script.events.filter { $0 == "three" }.count == 4)
    }
  }

  /// A server of its own whose clock is set by its distance from the machine's, in seconds.
  private func withFakedDatabase(
    _ body: (Database, _ setClock: (String) throws -> Void) async throws -> Void
  ) async throws {
    let folder = try temporaryFolder()
    var options = PrivateCluster.Options()
    options.isDurable = false
    let cluster = try PrivateCluster(folder: folder, options: options, logger: .quiet)
    try await cluster.start()
    let started = try Data(
      contentsOf: URL(filePath: "/proc/\(try #require(await cluster.processID))/cmdline"))
    await cluster.stop()
    let words = started.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let postgres = ["/usr/bin/setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]
    let clock = "\(folder)/clock"
    let setClock = { (distance: String) in
      try Data("\(distance)\n".utf8).write(to: URL(filePath: clock), options: .atomic)
      chmod(clock, 0o644)
    }
    try setClock("+0")
    let log = open("\(folder)/faked.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(log) }
    // Set behind the change of the user: the library keeps files that only the one who made them may open.
    let settings = [
      "LD_PRELOAD=\(Self.faketime)", "FAKETIME_TIMESTAMP_FILE=\(clock)", "FAKETIME_NO_CACHE=1",
      "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ]
    let server = try ChildProcess(
      (geteuid() == 0 ? postgres : []) + ["/usr/bin/env"] + settings + words, output: log)
    let database = Database(cluster.configuration, connections: 4, logger: .quiet)
    do {
      try await eventually("the server answers") { (try? await database.query("SELECT")) != nil }
      try await body(database, setClock)
    } catch {
      server.signal(SIGQUIT)
      throw error
    }
    await database.close()
    server.signal(SIGINT)
    server.waitForEnd()
  }
}
