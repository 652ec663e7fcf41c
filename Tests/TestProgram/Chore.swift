import Foundation
import Jobs
import Logging
import Postgres

/// A job whose effects are rows, made by steps that look before they act.
struct Chore: Job {
  static let kind = "test.chore"
  static let steps: [Step<Self>] = ["fetch", "unpack", "link"].map { name in
    Step(name, deadline: .seconds(60)) { _, run, database in
      if ProcessInfo.processInfo.environment["HANG_AT"] == name {
        print("hangs at \(name)")
        fflush(nil)
        try await Task.sleep(for: .seconds(3_600))
      }
      try await run.guarded { transaction in
        let connection = try transaction.connection
        let done = try await connection.query(
          "SELECT FROM effect WHERE job = \(run.jobID) AND step = \(name)")
        if done.isEmpty {
          try await connection.execute("INSERT INTO effect (job, step) VALUES (\(run.jobID), \(name))")
        }
        if ProcessInfo.processInfo.environment["STOP_IN"] == name {
          print("stops in \(name)")
          fflush(nil)
          raise(SIGSTOP)
        }
      }
      return .done
    }
  }

  func finished(_ outcome: JobOutcome, _ context: Database, _ transaction: any Transaction) async throws {
    try await transaction.connection.execute("INSERT INTO ending VALUES (NULL, \(outcome.state))")
  }
}

extension TestProgram {
  /// Works on chores until it is killed. Its host is `HOST`, and it holds that host's lock unless it has one.
  static func work(address: String) async throws {
    let logger = Logger(label: "worker")
    let database = Database(try PostgresConfiguration(url: address), connections: 4, logger: logger)
    var kinds = JobKinds()
    kinds.add(Chore.self, context: database)
    var timing = WorkerTiming()
    timing.beat = .milliseconds(100)
    timing.deadAfter = .seconds(1)
    let host = ProcessInfo.processInfo.environment["HOST"]
    let worker = Worker(
      queue: JobQueue(database, logger: logger), kinds: kinds, host: host ?? "here",
      holdsHostLock: host == nil,
      timing: timing, logger: logger)
    try await worker.run()
  }
}
