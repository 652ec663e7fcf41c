import Foundation
import Jobs
import JobsTesting
import Postgres
import PostgresTesting
import Testing

@Suite("A database in memory")
struct MemoryDatabaseTests {
  private let database = MemoryDatabase()
  private let table = MemoryTable<String, Int>()

  private func rows() async throws -> [String: Int] {
    try await database.run(in: nil) { transaction in
      Dictionary(uniqueKeysWithValues: table.all(in: transaction).map { ($0.key, $0.row) })
    }
  }

  @Test("what a transaction did is undone when its body throws, and only that")
  func undo() async throws {
    try await database.transaction { transaction in
      table.set("kept", 1, in: transaction)
      table.set("changed", 1, in: transaction)
    }
    await #expect(throws: Fault.self) {
      try await database.transaction { transaction in
        table.set("new", 1, in: transaction)
        table.set("kept", nil, in: transaction)
        table.update("changed", in: transaction) { $0 += 1 }
        table.update("changed", in: transaction) { $0 += 1 }
        #expect(table.get("changed", in: transaction) == 3)
        #expect(table.committed("changed") == 1 && table.committed("new") == nil)
        throw Fault()
      }
    }
    #expect(try await rows() == ["kept": 1, "changed": 1])
  }

  @Test("transactions run one after another, whatever they wait for")
  func serial() async throws {
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          try await database.transaction { transaction in
            let before = table.get("count", in: transaction) ?? 0
            await Task.yield()
            table.set("count", before + 1, in: transaction)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await rows() == ["count": 50])
  }

  @Test("one that waits for another and is cancelled goes away; the others go on")
  func cancelled() async throws {
    let (begun, go) = (Gate(), Gate())
    async let first: Void = database.transaction { _ in
      begun.open()
      try await go.wait()
    }
    try await begun.wait()
    let second = Task { try await rows() }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    go.open()
    try await first
    #expect(try await rows().isEmpty)
  }

  @Test("a fault before the commit undoes it, one after it does not, and only what is committed is told")
  func faults() async throws {
    for (moment, count) in [(MemoryDatabase.Moment.begin, 0), (.commit, 0), (.committed, 1)] {
      let told = Gate()
      database.setFault { reached in
        if reached == moment { throw PostgresError(.connectionLost, "gone") }
      }
      await #expect(throws: PostgresError.self) {
        try await database.transaction { transaction in
          transaction.afterCommit { told.open() }
          table.set("row", 1, in: transaction)
        }
      }
      database.setFault(nil)
      #expect(try await rows().count == count)
      if count == 1 { try await told.wait() }
    }
  }

  @Test("a store says so when it is handed the transaction of another kind of store")
  func foreign() async throws {
    try await database.transaction { transaction in
      let error = #expect(throws: ForeignTransaction.self) { try transaction.connection }
      #expect(
        error?.description
          == "a store that needs a connection to PostgreSQL was handed a MemoryTransaction")
    }
    try await withDatabase { postgres in
      try await postgres.transaction { connection in
        _ = #expect(throws: ForeignTransaction.self) { try connection.memory }
      }
    }
  }
}
