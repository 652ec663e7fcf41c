/// How much a transaction sees of others that run at the same time.
public enum TransactionIsolation: Sendable {
  /// Each statement sees what was committed before it.
  case readCommitted
  /// All statements see the database as it was at the first one.
  case repeatableRead
  /// As if transactions ran one after another; may fail with a conflict.
  case serializable

  var begin: SQL {
    switch self {
    case .readCommitted: "BEGIN"
    case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
    case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
    }
  }
}

extension Database {
  /// Runs the body in a transaction: committed when it returns, rolled back when it throws or its task is
  /// cancelled.
  ///
  /// `retries` is how often the body may run again after a serialization failure or a deadlock; it must then do
  /// nothing outside of the database. A connection lost at COMMIT throws `PostgresError` of kind
  /// `connectionLost`: it may or may not have been committed.
  public func transaction<Result: Sendable>(
    isolation level: TransactionIsolation = .readCommitted,
    retries: Int = 0,
    on isolation: isolated (any Actor)? = #isolation,
    _ body: (Connection) async throws -> sending Result
  ) async throws -> sending Result {
    var retriesLeft = retries
    while true {
      do {
        return try await withConnection { connection in
          try await Self.transaction(level, on: connection, body)
        }
      } catch let error as PostgresError where error.isTransactionConflict && retriesLeft > 0 {
        retriesLeft -= 1
      }
    }
  }

  static func transaction<Result: Sendable>(
    _ level: TransactionIsolation,
    on connection: Connection,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Connection) async throws -> sending Result
  ) async throws -> sending Result {
    try await connection.execute(level.begin)
    do {
      let result = try await body(connection)
      try Task.checkCancellation()
      try await connection.session.commit()
      return result
    } catch {
      if connection.session.state == .inTransaction {
        _ = try await connection.session.runUncancelled("ROLLBACK")
      }
      throw error
    }
  }
}

extension Session {
  /// Commits. The server answers COMMIT with ROLLBACK when a statement failed before; that is an error here.
  func commit() throws {
    let answer = try runUncancelled("COMMIT")
    guard answer.command == "COMMIT" else {
      throw PostgresError(
        .server,
        "the transaction was rolled back: one of its statements had failed, and the program went on; "
          + "run a statement that may fail inside a savepoint")
    }
  }
}
