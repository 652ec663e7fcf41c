import Foundation
import Jobs
import Postgres

/// Which job makes a prepared database, so that two never do.
///
/// What is given a transaction happens in it, the rest at once.
protocol PreparedDatabaseStore: Sendable {
  /// Asks for the right to make the prepared database `key` on `server` for the job `job`. A claim whose job
  /// has ended without success counts for nothing.
  func claim(_ prepared: PreparedDatabase, on server: UUID, job: UUID, _ transaction: (any Transaction)?)
    async throws -> PreparedDatabaseClaim

  /// Lets nobody else claim the prepared database `key`, or take it away, until the transaction ends: it may take its time
  /// on a server.
  func lock(_ key: String, on server: UUID, _ transaction: (any Transaction)?) async throws

  /// Whether there is a row of the prepared database `key`.
  func isKnown(_ key: String, on server: UUID, _ transaction: (any Transaction)?) async throws -> Bool

  /// Whether the job `job` is at making the prepared database.
  func isMaking(
    _ prepared: PreparedDatabase, on server: UUID, job: UUID, _ transaction: (any Transaction)?
  ) async throws -> Bool

  /// Notes that the prepared database is whole.
  func setReady(_ prepared: PreparedDatabase, on server: UUID, _ transaction: (any Transaction)?) async throws

  /// Forgets a prepared database that the server has lost.
  func forget(_ prepared: PreparedDatabase, on server: UUID, _ transaction: (any Transaction)?) async throws

  /// The keys of the prepared databases of `server`.
  func keys(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<String>
}

/// What comes of asking for the right to make a prepared database.
enum PreparedDatabaseClaim: Sendable {
  /// It is there; nothing to make.
  case ready
  /// This job is to make it.
  case mine
  /// Another job is making it.
  case others
}

/// Keeps that in PostgreSQL.
struct PostgresPreparedDatabaseStore: PreparedDatabaseStore {
  let database: Database

  private func runner(_ transaction: (any Transaction)?) throws -> any SQLRunner {
    try database.runner(in: transaction)
  }

  func claim(_ prepared: PreparedDatabase, on server: UUID, job: UUID, _ transaction: (any Transaction)?)
    async throws -> PreparedDatabaseClaim
  {
    try await runner(transaction).query(Self.locking(prepared.key, on: server))
    let mine = try await runner(transaction).execute(
      """
      insert into prepared_databases as p (server_id, key, origin, state, job)
      values (\(server), \(prepared.key), \(json: prepared.summary), 'building', \(job))
      on conflict (server_id, key) do update set job = excluded.job
      where p.state = 'building' and (p.job = excluded.job
        or not exists (select from job j where j.id = p.job and j.state in ('queued', 'running', 'snoozed')))
      """)
    if mine > 0 { return .mine }
    let rows = try await runner(transaction).query(
      """
      update prepared_databases set used_at = now()
      where server_id = \(server) and key = \(prepared.key) and state = 'ready' returning key
      """)
    return rows.isEmpty ? .others : .ready
  }

  func lock(_ key: String, on server: UUID, _ transaction: (any Transaction)?) async throws {
    // Longer than its removal may take; the lock goes with the transaction.
    try await runner(transaction).execute("set local idle_in_transaction_session_timeout = '15min'")
    try await runner(transaction).query(Self.locking(key, on: server))
  }

  private static func locking(_ key: String, on server: UUID) -> SQL {
    "select pg_advisory_xact_lock(hashtextextended(\("prepared \(server) \(key)"), 0))"
  }

  func isKnown(_ key: String, on server: UUID, _ transaction: (any Transaction)?) async throws -> Bool {
    try await runner(transaction).query(
      "select from prepared_databases where server_id = \(server) and key = \(key)"
    ).isEmpty == false
  }

  func isMaking(
    _ prepared: PreparedDatabase, on server: UUID, job: UUID, _ transaction: (any Transaction)?
  ) async throws -> Bool {
    try await runner(transaction).query(
      """
      select from prepared_databases
      where server_id = \(server) and key = \(prepared.key) and job = \(job) and state = 'building'
      """
    ).isEmpty == false
  }

  func setReady(_ prepared: PreparedDatabase, on server: UUID, _ transaction: (any Transaction)?) async throws
  {
    try await runner(transaction).execute(
      "update prepared_databases set state = 'ready' where server_id = \(server) and key = \(prepared.key)")
  }

  func forget(_ prepared: PreparedDatabase, on server: UUID, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      "delete from prepared_databases where server_id = \(server) and key = \(prepared.key)")
  }

  func keys(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<String> {
    Set(
      try await runner(transaction).query("select key from prepared_databases where server_id = \(server)")
        .map { try $0.get("key") })
  }
}
