import Logging
import Postgres
import PostgresTesting
import Testing

@Suite("Transactions")
struct TransactionTests {
  struct Refused: Error {}

  @Test("what a transaction did is kept when it returns and undone when it throws")
  func commitAndRollback() async throws {
    try await withDatabase(connections: 1) { database in
      try await database.execute("CREATE TABLE note (text text)")
      let count = try await database.transaction { connection in
        try await connection.execute("INSERT INTO note VALUES ('kept')")
      }
      #expect(count == 1)
      await #expect(throws: Refused.self) {
        try await database.transaction { connection in
          try await connection.execute("INSERT INTO note VALUES ('undone')")
          throw Refused()
        }
      }
      #expect(try await texts(database) == ["kept"])
    }
  }

  @Test("a cancelled task's transaction is undone, and the connection is clean for the next user")
  func cancelled() async throws {
    try await withDatabase(connections: 1) { database in
      try await database.execute("CREATE TABLE note (text text)")
      let (started, start) = AsyncStream.makeStream(of: Int.self)
      let task = Task {
        try await database.transaction { connection in
          try await connection.execute("INSERT INTO note VALUES ('undone')")
          start.yield(try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid"))
          try await connection.query("SELECT pg_sleep(600)")
        }
      }
      for await pid in started {
        try await withNeighbour(of: database) { try await untilActive(pid, in: $0) }
        break
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await texts(database).isEmpty)
    }
  }

  @Test("a body that returns after its task was cancelled is not committed")
  func cancelledAtTheEnd() async throws {
    try await withDatabase { database in
      try await database.execute("CREATE TABLE note (text text)")
      let task = Task {
        try await database.transaction { connection in
          try await connection.execute("INSERT INTO note VALUES ('undone')")
          withUnsafeCurrentTask { $0?.cancel() }
        }
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await texts(database).isEmpty)
    }
  }

  @Test("who stands still inside a transaction holds nobody up for long, and loses what it did there")
  func standsStill() async throws {
    try await withDatabase { database in
      try await database.execute("CREATE TABLE note (text text)")
      try await database.execute("INSERT INTO note VALUES ('before')")
      var configuration = database.configuration
      configuration.transactionPatience = .milliseconds(100)
      let hesitant = Database(configuration, connections: 1, logger: Logger(label: "test"))
      let error = try await #require(throws: PostgresError.self) {
        try await hesitant.transaction { connection in
          try await connection.execute("UPDATE note SET text = 'stale'")
          // Returns when the hesitant one has lost its lock, which it never gives up by itself.
          try await database.execute("UPDATE note SET text = 'after'")
          try await connection.execute("UPDATE note SET text = 'staler'")
        }
      }
      #expect(error.isConnectionLoss)
      #expect(error.message.contains("idle-in-transaction timeout"))
      #expect(try await texts(database) == ["after"])
      #expect(try await texts(hesitant) == ["after"])
      await hesitant.close()
    }
  }

  @Test("a statement that failed and was ignored makes the commit fail instead of losing the rest in silence")
  func swallowedError() async throws {
    try await withDatabase { database in
      try await database.execute("CREATE TABLE note (text text)")
      let error = try await #require(throws: PostgresError.self) {
        try await database.transaction { connection in
          try await connection.execute("INSERT INTO note VALUES ('lost')")
          _ = try? await connection.execute("INSERT INTO nowhere VALUES (1)")
        }
      }
      #expect(error.message.contains("savepoint"))
    }
  }

  @Test("a part that fails inside a savepoint is undone alone")
  func savepoint() async throws {
    try await withDatabase { database in
      try await database.execute("CREATE TABLE note (text text UNIQUE)")
      try await database.transaction { connection in
        try await connection.execute("INSERT INTO note VALUES ('a')")
        await #expect(throws: PostgresError.self) {
          try await connection.savepoint { connection in
            try await connection.execute("INSERT INTO note VALUES ('b')")
            try await connection.execute("INSERT INTO note VALUES ('a')")
          }
        }
        try await connection.execute("INSERT INTO note VALUES ('c')")
      }
      #expect(try await texts(database) == ["a", "c"])
    }
  }

  @Test("a serialization conflict runs the body again where that is asked for")
  func retries() async throws {
    try await withDatabase { database in
      try await database.execute("CREATE TABLE counter (value int)")
      try await database.execute("INSERT INTO counter VALUES (0)")
      var runs = 0
      try await database.transaction(isolation: .repeatableRead, retries: 1) { connection in
        runs += 1
        let value = try await connection.query("SELECT value FROM counter")[0].get("value", as: Int.self)
        if runs == 1 { try await database.execute("UPDATE counter SET value = 10") }
        try await connection.execute("UPDATE counter SET value = \(value + 1)")
      }
      #expect(runs == 2)
      #expect(try await database.query("SELECT value FROM counter")[0].get("value", as: Int.self) == 11)
      await #expect(throws: PostgresError.self) {
        try await database.transaction(isolation: .repeatableRead) { connection in
          try await connection.query("SELECT value FROM counter")
          try await database.execute("UPDATE counter SET value = 20")
          try await connection.execute("UPDATE counter SET value = 21")
        }
      }
    }
  }

  private func texts(_ database: Database) async throws -> [String] {
    try await database.query("SELECT text FROM note ORDER BY text").map { try $0.get("text") }
  }
}
