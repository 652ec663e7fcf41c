import Foundation
import Postgres
import PostgresTesting
import Testing

@Suite("Statements and values")
struct QueryTests {
  @Test("every supported type comes back as it went")
  func roundTrips() async throws {
    try await withDatabase { database in
      func same<Value: PostgresEncodable & PostgresDecodable & Equatable>(_ values: Value...) async throws {
        for value in values {
          let row = try await database.query("SELECT \(value) AS value")[0]
          #expect(try row.get("value") == value)
          let none = try await database.query("SELECT \(Value?.none) AS value")[0]
          #expect(try none.get("value", as: Value?.self) == nil)
        }
      }
      try await same(true, false)
      try await same(0, -1, Int.max, Int.min)
      try await same(Int64.min, 5)
      try await same(Int32.min, Int32.max)
      try await same(Int16.min, Int16.max)
      try await same(0.1, -Double.infinity, Double.greatestFiniteMagnitude)
      try await same("", "plain", "quote ' and \" and \\ and 🐘", String(repeating: "long", count: 100_000))
      try await same(UUID())
      try await same(Data(), Data([0, 255, 1]))
      try await same([UInt8](), [0, 255])
      try await same(Duration.microseconds(-1), .seconds(90_000), .zero)
      try await same([Int](), [1, -2], [Int.max])
      try await same([String](), ["", "a,b", "{\"}", "NULL"])
      try await same([UUID(), UUID()])
      try await same([true, false])
      try await same([String?.none, "a"])
      try await same([1.5], [Double.pi, 0])
    }
  }

  @Test("a date keeps its microseconds, before 2000 and far away too")
  func dates() async throws {
    try await withDatabase { database in
      for text in [
        "2026-11-21 03:04:05.123456+00", "1969-12-31 23:59:59.999999+00", "9999-01-01 00:00:00+00",
      ] {
        let first = try await database.query("SELECT \(text)::timestamptz AS date")[0].get(
          "date", as: Date.self)
        let same = try await database.query("SELECT \(first) = \(text)::timestamptz AS same")[0]
        #expect(try same.get("same", as: Bool.self), "\(text)")
      }
      let infinite = try await database.query("SELECT 'infinity'::timestamptz AS date")[0]
      #expect(try infinite.get("date", as: Date.self) == .distantFuture)
    }
  }

  @Test("numbers of any width are read into the type that is asked for, when they fit")
  func widths() async throws {
    try await withDatabase { database in
      let row = try await database.query(
        """
        SELECT 7::int2 AS small, 8::int4 AS middle, count(*) AS big, sum(10000000000) AS sum,
               1234567.0089::numeric AS price, -0.5::numeric AS half, 1.5::float4 AS real, 3e9::int8 AS large
        """)[0]
      #expect(try row.get("small", as: Int.self) == 7)
      #expect(try row.get("middle", as: Int64.self) == 8)
      #expect(try row.get("big", as: Int16.self) == 1)
      #expect(try row.get("sum", as: Int.self) == 10_000_000_000)
      #expect(try row.get("price", as: String.self) == "1234567.0089")
      #expect(try row.get("price", as: Double.self) == 1_234_567.0089)
      #expect(try row.get("half", as: String.self) == "-0.5")
      #expect(try row.get("real", as: Double.self) == 1.5)
      #expect(throws: PostgresDecodingError.self) { try row.get("large", as: Int32.self) }
    }
  }

  struct Settings: Codable, Equatable {
    var name: String
    var at: Date
    var tags: [String]
  }

  @Test("a Codable value goes into jsonb and comes back, dates readable in SQL")
  func json() async throws {
    try await withDatabase { database in
      let settings = Settings(name: "x/y", at: Date(timeIntervalSince1970: 1_800_000_000.125), tags: ["a"])
      let row = try await database.query(
        """
        SELECT \(json: settings) AS body, (\(json: settings)->>'at')::timestamptz = \(settings.at) AS same,
               NULL::jsonb AS none
        """)[0]
      #expect(try row.get("body", json: Settings.self) == settings)
      #expect(try row.get("same", as: Bool.self))
      #expect(try row.get("none", json: Settings?.self) == nil)
      #expect(throws: PostgresDecodingError.self) { try row.get("body", json: [Int].self) }
    }
  }

  enum Stage: String, PostgresEncodable, PostgresDecodable { case dev, production }

  @Test("an enum of strings binds as its raw value and refuses an unknown one with its text")
  func enums() async throws {
    try await withDatabase { database in
      let row = try await database.query("SELECT \(Stage.dev) AS stage, 'other' AS unknown")[0]
      #expect(try row.get("stage", as: Stage.self) == .dev)
      let error = #expect(throws: PostgresDecodingError.self) { try row.get("unknown", as: Stage.self) }
      #expect(error?.description.contains("'other'") == true)
      #expect(error?.description.contains("column 'unknown'") == true)
    }
  }

  @Test("fragments are spliced and their values renumbered")
  func fragments() async throws {
    let condition: SQL = "a = \(1) AND b = ANY(\(["x"]))"
    let statement: SQL = "SELECT \(0) FROM \(identifier: "odd \"name") WHERE \(condition) LIMIT \(9)"
    #expect(
      statement.text
        == "SELECT $1 FROM \"odd \"\"name\" WHERE a = $2 AND b = ANY($3) LIMIT $4")
    #expect(
      SQL.joined([condition, condition], separator: " OR ").text
        == "a = $1 AND b = ANY($2) OR a = $3 AND b = ANY($4)")
    #expect((condition + " AND c = \(true)").text == "a = $1 AND b = ANY($2) AND c = $3")
  }

  @Test("text with quotes bound as a value stays a value")
  func injection() async throws {
    try await withDatabase { database in
      let hostile = "'); DROP TABLE x; --"
      let row = try await database.query("SELECT \(hostile) AS text")[0]
      #expect(try row.get("text", as: String.self) == hostile)
    }
  }

  @Test("NULL, a missing column and a wrong type are told by the column's name")
  func decodingErrors() async throws {
    try await withDatabase { database in
      let row = try await database.query("SELECT NULL::text AS nothing, 1 AS number")[0]
      #expect(
        "\(#expect(throws: PostgresDecodingError.self) { try row.get("nothing", as: String.self) }!)"
          == "column 'nothing' should hold String but has NULL")
      #expect(
        "\(#expect(throws: PostgresDecodingError.self) { try row.get("absent", as: String.self) }!)"
          .contains("which has nothing, number"))
      #expect(
        "\(#expect(throws: PostgresDecodingError.self) { try row.get("number", as: UUID.self) }!)"
          .contains("column 'number'"))
      #expect(try row.get(at: 1, as: Int.self) == 1)
      #expect(throws: PostgresDecodingError.self) { try row.get(at: 2, as: Int.self) }
    }
  }

  @Test("the server's refusal carries its code, constraint and table")
  func serverErrors() async throws {
    try await withDatabase { database in
      try await database.execute(
        "CREATE TABLE port (number int CONSTRAINT port_number_key UNIQUE CHECK (number > 0))")
      #expect(try await database.execute("INSERT INTO port VALUES (\(1)), (\(2))") == 2)
      let error = try await #require(throws: PostgresError.self) {
        try await database.execute("INSERT INTO port VALUES (\(1))")
      }
      #expect(error.sqlState == "23505")
      #expect(error.isUniqueViolation("port_number_key"))
      #expect(!error.isUniqueViolation("another"))
      #expect(error.table == "port")
      #expect(error.statement == "INSERT INTO port VALUES ($1)")
      let broken = try await #require(throws: PostgresError.self) {
        try await database.execute("INSERT INTO port VALUES (\(-1))")
      }
      #expect(broken.isCheckViolation("port_number_check"))
    }
  }

  @Test("a statement prepared before its table was altered is prepared again")
  func stalePlan() async throws {
    try await withDatabase(connections: 1) { database in
      try await database.execute("CREATE TABLE thing (a int)")
      try await database.execute("INSERT INTO thing VALUES (1)")
      #expect(try await database.query("SELECT * FROM thing")[0].columns == ["a"])
      try await database.execute("ALTER TABLE thing ADD COLUMN b text DEFAULT 'new'")
      let row = try await database.query("SELECT * FROM thing")[0]
      #expect(try row.get("b", as: String.self) == "new")
      try await database.execute("DEALLOCATE ALL")
      #expect(try await database.query("SELECT * FROM thing").count == 1)
    }
  }

  @Test("more different statements than a connection keeps still work")
  func manyStatements() async throws {
    try await withDatabase(connections: 1) { database in
      for number in 0..<300 {
        let columns = SQL.joined((0...number).map { _ in "\(1)" }, separator: ", ")
        #expect(try await database.query("SELECT \(columns)")[0].columns.count == number + 1)
      }
      let kept = try await database.query("SELECT count(*) AS kept FROM pg_prepared_statements")[0]
      #expect(try kept.get("kept", as: Int.self) <= 256)
    }
  }
}
