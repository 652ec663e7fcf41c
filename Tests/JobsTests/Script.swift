import Foundation
import JobsTesting
import Logging
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Jobs

/// What the steps of a test's job do, and what they did.
final class Script: Sendable {
  typealias Act = @Sendable (String, StepRun) async throws -> StepOutcome

  private let act: Act
  private let undoing: @Sendable (String, StepRun) async throws -> Void
  private let ending: @Sendable (JobOutcome, any Transaction) async throws -> Void
  private let noted = Mutex<[String]>([])

  init(
    _ act: @escaping Act = { _, _ in .done },
    undo: @escaping @Sendable (String, StepRun) async throws -> Void = { _, _ in },
    finished: @escaping @Sendable (JobOutcome, any Transaction) async throws -> Void = { _, _ in }
  ) {
    self.act = act
    undoing = undo
    ending = finished
  }

  /// A script whose step `name` opens `begun` and then goes on until it is cancelled.
  static func hanging(at name: String) -> (script: Script, begun: Gate) {
    let begun = Gate()
    let script = Script { step, _ in
      if step == name {
        begun.open()
        try await Gate().wait()
      }
      return .done
    }
    return (script, begun)
  }

  /// What happened, in order.
  var events: [String] { noted.withLock { $0 } }

  func note(_ event: String) { noted.withLock { $0.append(event) } }

  func run(_ step: String, _ run: StepRun) async throws -> StepOutcome {
    note(step)
    return try await act(step, run)
  }

  func undo(_ step: String, _ run: StepRun) async throws {
    note("undo \(step)")
    try await undoing(step, run)
  }

  func finished(_ outcome: JobOutcome, _ transaction: any Transaction) async throws {
    note("\(outcome.state)")
    try await ending(outcome, transaction)
  }
}

/// Three steps: the first and the second can be undone.
struct Create: Job {
  static let kind = "test.create"
  static let steps: [Step<Self>] = ["one", "two", "three"].map { name in
    Step(
      name, deadline: .seconds(60), undo: name == "three" ? .nothing : .by { try await $2.undo(name, $1) }
    ) { try await $2.run(name, $1) }
  }
  static let maxAttempts = 3
  var name = "thing"

  func finished(_ outcome: JobOutcome, _ context: Script, _ transaction: any Transaction) async throws {
    try await context.finished(outcome, transaction)
  }
}

/// Its second step is the point of no return.
struct Remove: Job {
  static let kind = "test.remove"
  static let steps: [Step<Self>] = [
    Step("look", deadline: .seconds(60), undo: .by { try await $2.undo("look", $1) }) {
      try await $2.run("look", $1)
    },
    Step("delete", deadline: .seconds(60), undo: .pointOfNoReturn) { try await $2.run("delete", $1) },
    Step("sweep", deadline: .seconds(60), undo: .by { try await $2.undo("sweep", $1) }) {
      try await $2.run("sweep", $1)
    },
  ]

  func finished(_ outcome: JobOutcome, _ context: Script, _ transaction: any Transaction) async throws {
    try await context.finished(outcome, transaction)
  }
}

/// A failure undoes it, and its steps have little time.
struct Deploy: Job {
  static let kind = "test.deploy"
  static let isUndoneOnFailure = true
  static let steps: [Step<Self>] = ["build", "switch"].map { name in
    Step(name, deadline: .milliseconds(200), undo: .by { try await $2.undo(name, $1) }) {
      try await $2.run(name, $1)
    }
  }

  func finished(_ outcome: JobOutcome, _ context: Script, _ transaction: any Transaction) async throws {
    try await context.finished(outcome, transaction)
  }
}

/// One step and no hook.
struct Ping: PlainJob {
  typealias Context = Script
  static let kind = "test.ping"
  static let steps: [Step<Self>] = [
    Step("ping", deadline: .seconds(60)) { try await $2.run("ping \($0.number)", $1) }
  ]
  var number = 0
}

/// An error that may be tried again, or not.
struct Fault: RetryableError, CustomStringConvertible {
  var isRetryable = false
  let description = "the disk is full"
}

extension WorkerTiming {
  /// Short times, so that tests do not wait.
  static var quick: WorkerTiming {
    var timing = WorkerTiming()
    timing.beat = .milliseconds(50)
    timing.deadAfter = .milliseconds(500)
    timing.poll = .milliseconds(100)
    timing.deadlineCheck = .milliseconds(20)
    timing.logDelay = .milliseconds(5)
    timing.grace = .seconds(5)
    timing.backoff.first = .milliseconds(20)
    return timing
  }
}

extension Logger {
  static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

/// What keeps the queue of a test.
enum Keeping: CaseIterable, Sendable {
  case postgres, memory
}

/// A queue of its own, in a database of its own unless it is kept in memory.
func withQueue(_ keeping: Keeping = .postgres, _ body: (JobQueue) async throws -> Void) async throws {
  guard keeping == .postgres else {
    return try await body(JobQueue(store: MemoryJobStore(MemoryDatabase()), logger: .quiet))
  }
  try await withDatabase(migrations: JobQueue.migrations, connections: 6) { database in
    try await body(JobQueue(database, logger: .quiet))
  }
}

/// A worker for the test's kinds, which ends with the body.
func withWorker(
  _ queue: JobQueue, _ script: Script, concurrency: Int = 4, host: String = "here",
  timing: WorkerTiming = .quick,
  holdsHostLock: Bool = false, lanes: LaneKeeping? = nil, schedules: [JobSchedule] = [],
  _ body: (Task<Void, any Error>) async throws -> Void
) async throws {
  var kinds = JobKinds()
  kinds.add(Create.self, context: script)
  kinds.add(Remove.self, context: script)
  kinds.add(Deploy.self, context: script)
  kinds.add(Ping.self, context: script)
  let worker = Worker(
    queue: queue, kinds: kinds, concurrency: concurrency, host: host, holdsHostLock: holdsHostLock,
    lanes: lanes, schedules: schedules, timing: timing, logger: .quiet)
  let task = Task { try await worker.run() }
  do {
    try await body(task)
  } catch {
    task.cancel()
    _ = await task.result
    throw error
  }
  task.cancel()
  try await task.value
}

extension JobQueue {
  /// The database of a queue that is kept in one.
  var database: Database {
    guard let store = store as? PostgresJobStore else { fatalError("this queue is kept in memory") }
    return store.database
  }

  /// Follows a job to its end.
  func end(of id: UUID) async throws -> JobRecord {
    for try await case .job(let job) in follow(id) where job.state.isFinal { return job }
    throw CancellationError()
  }

  /// Waits until a job is in a state.
  func wait(_ id: UUID, _ state: JobState) async throws {
    try await eventually("job is \(state)") { try await job(id)?.state == state }
  }
}

/// A gate that tests open and steps wait at; also a signal from a step to its test.
final class Gate: Sendable {
  private let passes: AsyncStream<Void>
  private let pass: AsyncStream<Void>.Continuation

  init() {
    (passes, pass) = AsyncStream.makeStream()
  }

  func open() { pass.finish() }

  /// Returns when the gate is open; throws when the task is cancelled.
  func wait() async throws {
    for await _ in passes {}
    try Task.checkCancellation()
  }
}
