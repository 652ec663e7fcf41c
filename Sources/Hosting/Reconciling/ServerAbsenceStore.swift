import Foundation
import Jobs
import Postgres

/// Reads and writes what is away of servers.
///
/// While a server is away, its instances keep the status that was last seen; `servers.seen_at` says when that was.
protocol ServerAbsenceStore: Sendable {
  /// What the process before this one knew of `server`.
  func known(of server: UUID, _ transaction: (any Transaction)?) async throws -> Reachability.State

  /// Notes that Docker on `server` answers, and what was seen of the host, where something was.
  func setPresent(_ server: UUID, facts: ServerFacts?) async throws

  /// Notes that something of `server` is away.
  func setAbsent(
    _ server: UUID, _ absence: Reachability.Absence, reason: String
  ) async throws
}

/// Keeps that in PostgreSQL.
struct PostgresServerAbsenceStore: ServerAbsenceStore {
  let database: Database

  func known(of server: UUID, _ transaction: (any Transaction)?) async throws -> Reachability.State {
    let rows = try await database.runner(in: transaction).query(
      "select absence, status_reason from servers where id = \(server)")
    guard let row = rows.first,
      let absence = try row.get("absence", as: String?.self)
        .flatMap({ Reachability.Absence(rawValue: $0) })
    else { return .present }
    return .absent(absence, reason: try row.get("status_reason"))
  }

  func setPresent(_ server: UUID, facts: ServerFacts?) async throws {
    try await database.transaction { connection in
      let was = try await connection.query("select absence from servers where id = \(server) for update")
        .first?
        .get("absence", as: String?.self)
      try await connection.execute(
        """
        update servers set status = 'ready', status_reason = 'Docker answers.', absence = null, seen_at = now(),
          facts = case when \(facts != nil) then \(json: facts ?? ServerFacts()) else facts end
        where id = \(server)
        """)
      if was != nil { try await PostgresInstanceStore(database: database).announce(on: server, connection) }
    }
  }

  func setAbsent(
    _ server: UUID, _ absence: Reachability.Absence, reason: String
  ) async throws {
    try await database.transaction { connection in
      try await connection.execute(
        """
        update servers set status = 'unavailable', status_reason = \(reason), absence = \(absence.rawValue)
        where id = \(server)
        """)
      // They are out of sight now.
      try await PostgresInstanceStore(database: database).announce(on: server, connection)
    }
  }
}
