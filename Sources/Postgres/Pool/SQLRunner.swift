/// What runs statements: a `Database`, each on any connection, or a `Connection`, all on that one, in its
/// transaction if it has begun one. Stores take it so that they work in both.
public protocol SQLRunner: Sendable {
  /// Runs a statement and returns its rows. Throws `PostgresError` or `CancellationError`.
  @discardableResult
  func query(_ sql: SQL) async throws -> [Row]

  /// Runs a statement and returns how many rows it inserted, changed or removed.
  @discardableResult
  func execute(_ sql: SQL) async throws -> Int
}

extension Database: SQLRunner {}
extension Connection: SQLRunner {}
