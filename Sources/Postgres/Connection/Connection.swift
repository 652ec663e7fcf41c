import Synchronization

/// A connection lent by a `Database` to one piece of work, for as long as that runs.
public final class Connection: Sendable {
  let session: Session
  private let isLent = Atomic(true)

  init(session: Session) {
    self.session = session
  }

  /// Runs a statement and returns its rows.
  ///
  /// Throws `PostgresError`, or `CancellationError` when the task is cancelled; the server then stops the
  /// statement.
  @discardableResult
  public func query(_ sql: SQL) async throws -> [Row] {
    try await run(sql).rows
  }

  /// Runs a statement and returns how many rows it inserted, changed or removed.
  @discardableResult
  public func execute(_ sql: SQL) async throws -> Int {
    try await run(sql).affectedRows
  }

  /// Runs a part of a transaction that can fail on its own: what it did is undone when the body throws, and the
  /// transaction goes on.
  public func savepoint<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Connection) async throws -> sending Result
  ) async throws -> sending Result {
    try await execute("SAVEPOINT part")
    do {
      let result = try await body(self)
      try await execute("RELEASE SAVEPOINT part")
      return result
    } catch {
      if session.state != .closed {
        _ = try await session.runUncancelled("ROLLBACK TO SAVEPOINT part")
        _ = try await session.runUncancelled("RELEASE SAVEPOINT part")
      }
      throw error
    }
  }

  /// Runs a script of several statements, which cannot have values. For text of the program's own, such as
  /// migrations; never for anything that came from outside.
  func runScript(_ script: String) async throws {
    try checkLent()
    try await session.runScript(script)
  }

  private func run(_ sql: SQL) async throws -> ResultTable {
    try checkLent()
    return try await session.run(sql)
  }

  private func checkLent() throws {
    guard isLent.load(ordering: .acquiring) else {
      throw PostgresError(
        .misuse, "a connection was used after it had gone back to the pool; use it only inside the closure")
    }
  }

  /// Makes further use an error; the pool may lend the session to someone else.
  func giveBack() {
    isLent.store(false, ordering: .releasing)
  }
}
