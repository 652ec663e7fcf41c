import Postgres
import PostgresTesting
import Testing

@Suite("Migrations")
struct MigratorTests {
  static let first = Migration(
    "0001 things", list: "a", sql: "CREATE TABLE thing (id int); CREATE INDEX ON thing (id)")
  static let second = Migration("0002 names", list: "a", sql: "ALTER TABLE thing ADD COLUMN name text")
  static let other = Migration("0001 others", list: "b", sql: "CREATE TABLE other (id int)")

  @Test("each migration is applied once, and each list grows at its own end")
  func growing() async throws {
    try await withDatabase { database in
      let applied = try await Migrator([Self.first, Self.other]).migrate(database)
      #expect(applied == ["0001 things", "0001 others"])
      #expect(try await Migrator([Self.first, Self.other]).migrate(database) == [])
      #expect(try await Migrator([Self.first, Self.second, Self.other]).migrate(database) == ["0002 names"])
      #expect(try await database.query("SELECT name FROM thing").isEmpty)
    }
  }

  @Test("processes that start at the same time apply a migration once")
  func together() async throws {
    try await withDatabase(connections: 8) { database in
      let applied = try await withThrowingTaskGroup(of: [String].self) { group in
        for _ in 0..<8 { group.addTask { try await Migrator([Self.first, Self.second]).migrate(database) } }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(applied.sorted() == ["0001 things", "0002 names"])
    }
  }

  @Test("an older program refuses a newer schema")
  func unknown() async throws {
    try await withDatabase { database in
      try await Migrator([Self.first, Self.second]).migrate(database)
      let error = try await #require(throws: MigrationError.self) {
        try await Migrator([Self.first, Self.other]).migrate(database)
      }
      #expect(error == .unknown(list: "a", name: "0002 names"))
      #expect(error.description.contains("newer program"))
      // Refused before anything was applied.
      await #expect(throws: PostgresError.self) { try await database.query("SELECT FROM other") }
    }
  }

  @Test("another order, an edited migration and a name used twice are refused by name")
  func histories() async throws {
    try await withDatabase { database in
      try await Migrator([Self.first, Self.second]).migrate(database)
      await #expect(throws: MigrationError.reordered(list: "a", applied: "0001 things", found: "0002 names"))
      {
        try await Migrator([Self.second, Self.first]).migrate(database)
      }
      let edited = Migration("0001 things", list: "a", sql: "CREATE TABLE thing (id bigint)")
      await #expect(throws: MigrationError.changed(list: "a", name: "0001 things")) {
        try await Migrator([edited, Self.second]).migrate(database)
      }
      await #expect(throws: MigrationError.duplicate(list: "a", name: "0001 things")) {
        try await Migrator([Self.first, Self.first]).migrate(database)
      }
    }
  }

  @Test("a migration that fails leaves nothing of itself and keeps those before it")
  func failing() async throws {
    try await withDatabase(connections: 1) { database in
      let broken = Migration("0002 broken", list: "a", sql: "CREATE TABLE half (id int); SELECT 1/0")
      let error = try await #require(throws: MigrationError.self) {
        try await Migrator([Self.first, broken]).migrate(database)
      }
      #expect(error.description.contains("'0002 broken' (a) failed"))
      #expect(error.description.contains("division by zero"))
      #expect(try await Migrator([Self.first, Self.second]).migrate(database) == ["0002 names"])
      await #expect(throws: PostgresError.self) { try await database.query("SELECT FROM half") }
    }
  }

  @Test("code migrates in a transaction as well")
  func code() async throws {
    try await withDatabase { database in
      let code = Migration("0002 fill", list: "a", version: 1) { connection in
        for number in 1...3 { try await connection.execute("INSERT INTO thing VALUES (\(number))") }
      }
      try await Migrator([Self.first, code]).migrate(database)
      #expect(try await database.query("SELECT FROM thing").count == 3)
    }
  }
}
