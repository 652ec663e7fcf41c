import Foundation
import PostgresTesting
import Testing

@testable import Postgres

@Suite("Dumps")
struct DumpTests {
  @Test("a dump is of the moment of its snapshot, without the rows left out, and comes back whole")
  func dumpAndRestore() async throws {
    try await withDatabase { source in
      try await source.execute(
        "CREATE TABLE kept AS SELECT i, repeat('x', 100) FROM generate_series(1, 10000) i")
      try await source.execute("CREATE TABLE emptied AS SELECT 1 AS i")
      let programs = try DumpPrograms.find(forServer: try await source.serverVersion() / 10_000)
      let configuration = source.configuration
      let dump: Data = try await source.transaction(isolation: .repeatableRead) { connection in
        let snapshot: String = try await connection.query("SELECT pg_export_snapshot() AS name")[0].get(
          "name")
        try await source.execute("INSERT INTO kept VALUES (0, 'too late')")
        return try await onOwnThread("test") {
          var dump = Data()
          try programs.dump(configuration, snapshot: snapshot, leavingOutRowsOf: ["emptied"]) { dump += $0 }
          return dump
        }
      }
      try programs.check(reader(of: dump))
      try await withDatabase { target in
        let configuration = target.configuration
        try await onOwnThread("test") { try programs.restore(into: configuration, reader(of: dump)) }
        #expect(try await target.query("SELECT FROM kept").count == 10_000)
        #expect(try await target.query("SELECT FROM emptied").isEmpty)
      }
    }
  }

  @Test("a dump that ends early is found out, and nothing of it is restored")
  func cutOff() async throws {
    try await withDatabase { source in
      try await source.execute(
        "CREATE TABLE kept AS SELECT i, repeat('x', 100) FROM generate_series(1, 10000) i")
      let programs = try DumpPrograms.find(forServer: try await source.serverVersion() / 10_000)
      let configuration = source.configuration
      let dump = try await source.transaction { connection in
        let snapshot: String = try await connection.query("SELECT pg_export_snapshot() AS name")[0].get(
          "name")
        return try await onOwnThread("test") {
          var dump = Data()
          try programs.dump(configuration, snapshot: snapshot, leavingOutRowsOf: []) { dump += $0 }
          return dump
        }
      }
      try await withDatabase { target in
        for length in [0, 10, dump.count / 2, dump.count - 50] {
          let part = dump.prefix(length)
          #expect(throws: DumpError.self, "\(length) of \(dump.count) bytes") {
            try programs.check(reader(of: part))
          }
          #expect(throws: DumpError.self) {
            try programs.restore(into: target.configuration, reader(of: part))
          }
        }
        // A reader that finds a fault at the very end.
        let giving = reader(of: dump)
        #expect(throws: CancellationError.self) {
          try programs.restore(into: target.configuration) { buffer in
            let count = try giving(buffer)
            guard count > 0 else { throw CancellationError() }
            return count
          }
        }
        let left = try await target.query("SELECT FROM pg_class WHERE relname = 'kept'")
        #expect(left.isEmpty)
      }
    }
  }

  @Test("what takes a dump can end it")
  func refusingWriter() async throws {
    try await withDatabase { source in
      try await source.execute("CREATE TABLE kept AS SELECT i FROM generate_series(1, 100000) i")
      let programs = try DumpPrograms.find(forServer: try await source.serverVersion() / 10_000)
      try await source.transaction { connection in
        let snapshot: String = try await connection.query("SELECT pg_export_snapshot() AS name")[0].get(
          "name")
        #expect(throws: POSIXError.self) {
          try programs.dump(source.configuration, snapshot: snapshot, leavingOutRowsOf: []) { _ in
            throw POSIXError(.ENOSPC)
          }
        }
      }
    }
  }

  @Test("what pg_dump says is told")
  func unknownSnapshot() async throws {
    try await withDatabase { source in
      let programs = try DumpPrograms.find(forServer: try await source.serverVersion() / 10_000)
      let error = #expect(throws: DumpError.self) {
        try programs.dump(source.configuration, snapshot: "00000000-00000000-1", leavingOutRowsOf: []) { _ in
        }
      }
      #expect(error?.description.contains("pg_dump ended with status 1; it said: pg_dump: error: ") == true)
    }
  }

  @Test("a password goes into the environment, where no other user can read it, and not into the words")
  func password() throws {
    let configuration = PostgresConfiguration(
      host: "db.example.com", port: 5433, user: "o'dd", password: "hunter2", database: "it's \\ here",
      parameters: ["sslmode": "require"])
    let (environment, address) = try configuration.forPrograms()
    #expect(environment["PGPASSWORD"] == "hunter2")
    #expect(environment["PGHOST"] == "db.example.com")
    #expect(environment["PGPORT"] == "5433")
    #expect(environment["PGUSER"] == "o'dd")
    #expect(environment["PGSSLMODE"] == "require")
    #expect(!address.contains("hunter2"))
    #expect(try PostgresConfiguration(url: address).database == "it's \\ here")
    #expect(address.contains("keepalives_idle='15'"))

    var secret = configuration
    secret.parameters["sslpassword"] = "hunter3"
    let error = #expect(throws: DumpError.self) { try secret.forPrograms() }
    #expect(error?.description.contains("hunter3") == false)
  }

  @Test("programs older than the server are refused with what to install")
  func tooOld() throws {
    let error = #expect(throws: DumpError.self) { try DumpPrograms.find(forServer: 99) }
    #expect(error?.description.hasSuffix("run 'apt-get install postgresql-client-99'") == true)
  }

  @Test("the programs of the server's own version are preferred, else the next newer ones")
  func choice() throws {
    let folder = try temporaryFolder()
    for version in [15, 17, 18] {
      let bin = "\(folder)/\(version)"
      try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
      for name in ["pg_dump", "pg_restore"] {
        let program = "#!/bin/sh\necho '\(name) (PostgreSQL) \(version).4 (Debian \(version).4-1)'\n"
        #expect(
          FileManager.default.createFile(
            atPath: "\(bin)/\(name)", contents: Data(program.utf8), attributes: [.posixPermissions: 0o755]))
      }
    }
    let folders = ["/nonexistent", "\(folder)/18", "\(folder)/17", "\(folder)/15"]
    #expect(try DumpPrograms.find(forServer: 15, in: folders).folder == "\(folder)/15")
    #expect(try DumpPrograms.find(forServer: 16, in: folders).folder == "\(folder)/17")
    #expect(try DumpPrograms.find(forServer: 18, in: folders).version == 18)
    let error = #expect(throws: DumpError.self) { try DumpPrograms.find(forServer: 19, in: folders) }
    #expect(error?.description.contains("only 18, 17, 15 is there") == true)
  }
}

/// Gives `data` piece by piece.
private func reader(of data: Data) -> (UnsafeMutableRawBufferPointer) throws -> Int {
  var rest = data[...]
  return { buffer in
    let piece = rest.prefix(min(buffer.count, 10_000))
    piece.copyBytes(to: buffer)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}
