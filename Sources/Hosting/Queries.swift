import Postgres

/// Where SQL can be run: a connection inside a transaction, or the pool outside of one.
protocol Queries: Sendable {
  func query(_ sql: SQL) async throws -> [Row]
  @discardableResult func execute(_ sql: SQL) async throws -> Int
}

extension Database: Queries {}
extension Connection: Queries {}
