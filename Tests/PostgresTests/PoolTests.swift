import Foundation
import Logging
import Postgres
import PostgresTesting
import Synchronization
import Testing

@Suite("The pool")
struct PoolTests {
  @Test("cancelling a task stops its statement on the server, and the connection goes on")
  func cancellation() async throws {
    try await withDatabase(connections: 2) { database in
      let pid = try await database.withConnection { connection in
        let pid = try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self)
        let sleeping = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await untilActive(pid, in: database)
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        #expect(
          try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self) == pid)
        return pid
      }
      #expect(pid > 0)
    }
  }

  @Test("a task that is cancelled already sends nothing")
  func cancelledBefore() async throws {
    try await withDatabase { database in
      try await database.execute("CREATE TABLE note (text text)")
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await database.execute("INSERT INTO note VALUES ('never')")
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await database.query("SELECT * FROM note").isEmpty)
    }
  }

  @Test("whoever waits for a connection is served in turn, and may give up")
  func waiting() async throws {
    try await withDatabase(connections: 1) { database in
      let order = Record<Int>()
      let (held, hold) = AsyncStream.makeStream(of: Void.self)
      let (release, end) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await database.withConnection { _ in
          hold.yield()
          for await _ in release { break }
        }
      }
      for await _ in held { break }
      var waiters: [Task<Void, any Error>] = []
      for number in 0..<6 {
        waiters.append(
          Task {
            try await database.withConnection { _ in order.append(number) }
          })
        try await eventually("waiter \(number) is in the queue") { database.waitingCount == number + 1 }
      }
      waiters[2].cancel()
      await #expect(throws: CancellationError.self) { try await waiters[2].value }
      end.yield()
      try await holder.value
      for number in [0, 1, 3, 4, 5] { try await waiters[number].value }
      #expect(order.values == [0, 1, 3, 4, 5])
    }
  }

  @Test("never more connections than asked for, and they are used again")
  func bounded() async throws {
    try await withDatabase(connections: 3) { database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<60 { group.addTask { try await database.query("SELECT pg_sleep(0.001)") } }
        try await group.waitForAll()
      }
      let row = try await database.query(
        "SELECT count(*) AS open FROM pg_stat_activity WHERE datname = current_database()")[0]
      #expect(try row.get("open", as: Int.self) <= 3)
    }
  }

  @Test("a connection that the server ended while it was idle is replaced without an error")
  func terminatedIdle() async throws {
    try await withDatabase(connections: 1) { database in
      let pid = try await database.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self)
      try await terminate(pid, like: database)
      #expect(try await database.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self) != pid)
    }
  }

  @Test("a connection lost in the middle of a statement says so, and the next one works")
  func terminatedInFlight() async throws {
    try await withDatabase(connections: 1) { database in
      let pid = try await database.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self)
      let sleeping = Task { try await database.query("SELECT pg_sleep(600)") }
      try await withNeighbour(of: database) { try await untilActive(pid, in: $0) }
      try await terminate(pid, like: database)
      let error = try await #require(throws: PostgresError.self) { try await sleeping.value }
      #expect(error.kind == .connectionLost)
      #expect(error.isConnectionLoss)
      #expect(try await database.query("SELECT 1 AS one").count == 1)
    }
  }

  @Test("a connection kept beyond its closure is refused")
  func usedAfterReturn() async throws {
    try await withDatabase { database in
      let kept = try await database.withConnection { $0 }
      let error = try await #require(throws: PostgresError.self) { try await kept.query("SELECT 1") }
      #expect(error.kind == .misuse)
      #expect(error.message.contains("only inside the closure"))
    }
  }

  @Test("closing waits for the work that runs and refuses more")
  func closing() async throws {
    try await withDatabase(connections: 2) { database in
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let (release, end) = AsyncStream.makeStream(of: Void.self)
      let worker = Task {
        try await database.withConnection { connection in
          start.yield()
          for await _ in release { break }
          try await connection.query("SELECT 1")
        }
      }
      for await _ in started { break }
      let closing = Task { await database.close() }
      try await eventually("the pool is closed") {
        do { try await database.query("SELECT 1") } catch let error as PostgresError {
          return error.kind == .misuse
        }
        return false
      }
      end.yield()
      try await worker.value
      await closing.value
    }
  }

  @Test("a server that is not there is told with its address, without the password")
  func unreachable() async throws {
    var configuration = try PostgresConfiguration(url: "postgres://me:secret@127.0.0.1:1/db?sslmode=disable")
    configuration.connectPatience = .zero
    let database = Database(configuration, connections: 1, logger: Logger(label: "test"))
    let error = try await #require(throws: PostgresError.self) { try await database.query("SELECT 1") }
    #expect(error.kind == .cannotConnect)
    #expect(error.message.contains("me@127.0.0.1:1/db"))
    #expect(error.message.contains("Connection refused"))
    #expect(!"\(error) \(configuration) \(String(reflecting: configuration))".contains("secret"))
    await database.close()
  }

  @Test("an address that cannot be read is refused with an example")
  func badAddress() throws {
    let error = try #require(throws: PostgresError.self) {
      try PostgresConfiguration(url: "postgres://a:b:c@/x?y")
    }
    #expect(error.message.contains("postgres://user:password@host:5432/database"))
    let configuration = try PostgresConfiguration(url: "postgresql:///app?host=/run/pg&sslmode=require")
    #expect(configuration.parameters["host"] == "/run/pg")
    #expect(configuration.parameters["sslmode"] == "require")
    #expect(configuration.database == "app")
  }

  @Test("an older server than needed is refused with both versions")
  func version() async throws {
    try await withDatabase { database in
      try await database.requireVersion(15)
      let error = try await #require(throws: PostgresError.self) { try await database.requireVersion(99) }
      #expect(error.message.contains("version 99 or newer is needed"))
    }
  }
}

/// What happened, in order, noted by several tasks.
final class Record<Value: Sendable>: Sendable {
  private let noted = Mutex<[Value]>([])

  var values: [Value] { noted.withLock { $0 } }

  func append(_ value: Value) { noted.withLock { $0.append(value) } }
}

/// Ends a server process of this database, from a connection of its own.
func terminate(_ pid: Int, like database: Database) async throws {
  try await withNeighbour(of: database) { neighbour in
    try await neighbour.query("SELECT pg_terminate_backend(\(Int32(pid)))")
    try await eventually("server process \(pid) is gone") {
      try await neighbour.query("SELECT 1 FROM pg_stat_activity WHERE pid = \(pid)").isEmpty
    }
  }
}

/// Waits until a server process runs a statement.
func untilActive(_ pid: Int, in database: Database) async throws {
  try await eventually("server process \(pid) is busy") {
    try await !database.query(
      "SELECT 1 FROM pg_stat_activity WHERE pid = \(pid) AND state = 'active' AND query LIKE '%pg_sleep%'"
    )
    .isEmpty
  }
}

/// A second pool on the same database.
func withNeighbour(of database: Database, _ body: (Database) async throws -> Void) async throws {
  let neighbour = Database(database.configuration, connections: 1, logger: Logger(label: "test"))
  try await body(neighbour)
  await neighbour.close()
}
