import Jobs
import JobsTesting

/// A store that keeps what it has in `MemoryTables`.
protocol MemoryStore: Sendable {
  var tables: MemoryTables { get }
}

extension MemoryStore {
  /// Runs the body as part of a transaction, if there is one, or in one of its own.
  func run<Result: Sendable>(
    _ transaction: (any Transaction)?, _ body: (MemoryTransaction) throws -> sending Result
  ) async throws -> Result {
    try await tables.database.run(in: transaction, body)
  }
}
