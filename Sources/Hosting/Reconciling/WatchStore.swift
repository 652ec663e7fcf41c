import Foundation
import Jobs
import Postgres

/// Reads and writes what the watch of a server at rest needs.
protocol WatchStore: Sendable {
  /// Changes whenever anything does that a comparison with the server depends on: the server itself, its instances,
  /// the operations on them, its prepared databases. Nil where there is no such server.
  func mark(of server: UUID, _ transaction: (any Transaction)?) async throws -> String?

  /// Notes that the server was seen just now, by an answer of Docker or with new facts, and gives its mark.
  func noteSeen(
    _ server: UUID, byDocker: Bool, facts: ServerFacts?, _ transaction: (any Transaction)?
  ) async throws -> String?

  /// Notes how much instances of `server` store, in bytes; what is known of others stays.
  func noteStorage(_ bytes: [UUID: Int], on server: UUID, _ transaction: (any Transaction)?) async throws
}

/// Keeps it in PostgreSQL.
struct PostgresWatchStore: WatchStore {
  let database: Database

  func mark(of server: UUID, _ transaction: (any Transaction)?) async throws -> String? {
    try await database.runner(in: transaction).query(
      "\(Self.marking) where s.id = \(server) and s.removed_at is null"
    ).first?.get("mark")
  }

  func noteSeen(
    _ server: UUID, byDocker: Bool, facts: ServerFacts?, _ transaction: (any Transaction)?
  ) async throws -> String? {
    try await database.runner(in: transaction).query(
      """
      with seen as (
        update servers set seen_at = case when \(byDocker) then now() else seen_at end,
          facts = case when \(facts != nil) then \(json: facts ?? ServerFacts()) else facts end
        where id = \(server) and absence is null)
      \(Self.marking) where s.id = \(server) and s.removed_at is null
      """
    ).first?.get("mark")
  }

  func noteStorage(_ bytes: [UUID: Int], on server: UUID, _ transaction: (any Transaction)?) async throws {
    let known = Array(bytes)
    try await database.runner(in: transaction).execute(
      """
      insert into instance_storage (instance_id, bytes)
      select i.id, m.bytes from unnest(\(known.map(\.key)), \(known.map(\.value))) as m (id, bytes)
        join instances i on i.id = m.id and i.server_id = \(server) and i.removed_at is null
      on conflict (instance_id) do update set bytes = excluded.bytes, measured_at = now()
      """)
  }

  /// `xmin` of a row changes with every change of it.
  private static let marking: SQL = """
    select md5(concat_ws(' ', s.name, s.address, s.port, s.exposed, s.mode, s.absence, s.validated_at, s.facts->>'cores',
      (select string_agg(i.id || ' ' || i.xmin, ' ' order by i.id) from instances i
        where i.server_id = s.id and i.removed_at is null), '/',
      (select string_agg(j.id::text, ' ' order by j.id) from job j join instances i on i.id = j.subject
        where i.server_id = s.id and i.removed_at is null and j.superseded_by is null
          and j.state in ('queued', 'running', 'snoozed')), '/',
      (select string_agg(p.key, ' ' order by p.key) from prepared_databases p where p.server_id = s.id))) as mark
    from servers s
    """
}
