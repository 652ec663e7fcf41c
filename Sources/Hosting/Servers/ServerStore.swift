import Foundation
import Postgres

/// Reads and writes servers.
struct ServerStore: Sendable {
  private static let columns: SQL = """
    select s.id, s.name, s.kind, s.address, s.exposed, s.status, s.status_reason, s.seen_at, s.facts,
      (select count(*) from instances i where i.server_id = s.id and i.removed_at is null) as instances
    from servers s
    """

  /// The servers that `organisation` may use, by name: its own, and those of the operator that are shared
  /// with it.
  func list(for organisation: UUID, _ connection: some SQLRunner) async throws -> [Server] {
    try await connection.query(
      """
      \(Self.columns) where s.organisation_id = \(organisation)
        or exists (select from server_shares h where h.server_id = s.id and h.organisation_id = \(organisation))
      order by s.name
      """
    ).map(Self.server)
  }

  /// Every server of the installation.
  func all(_ connection: some SQLRunner) async throws -> [Server] {
    try await connection.query("\(Self.columns) order by s.name").map(Self.server)
  }

  /// The server `id`, whosever it is.
  func get(_ id: UUID, _ connection: some SQLRunner) async throws -> Server? {
    try await connection.query("\(Self.columns) where s.id = \(id)").first.map(Self.server)
  }

  /// Notes what was seen of a server.
  func setSeen(
    _ id: UUID, _ status: Server.Status, reason: String, facts: ServerFacts?, _ connection: some SQLRunner
  ) async throws {
    try await connection.execute(
      """
      update servers set status = \(status.rawValue), status_reason = \(reason),
        seen_at = case when \(status == .ready) then now() else seen_at end,
        facts = case when \(facts != nil) then \(json: facts) else facts end
      where id = \(id)
      """)
  }

  private static func server(_ row: Row) throws -> Server {
    Server(
      id: try row.get("id"), name: try row.get("name"), kind: try row.get("kind"),
      address: try row.get("address"),
      exposed: try row.get("exposed"), status: try row.get("status"),
      statusReason: try row.get("status_reason"),
      seenAt: try row.get("seen_at"), facts: try row.get("facts", json: ServerFacts.self),
      instances: try row.get("instances"))
  }
}
