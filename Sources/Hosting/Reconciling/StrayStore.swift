import Foundation
import Jobs
import Postgres

/// Reads and writes strays.
protocol StrayStore: Sendable {
  /// All of them, by server and name.
  func all(_ transaction: (any Transaction)?) async throws -> [Stray]

  /// The stray `id`.
  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Stray?

  /// Notes the strays that a look has shown, and forgets those that are gone.
  ///
  /// - Parameter withFolders: whether the look asked for folders.
  func note(_ strays: [SeenThing], on server: UUID, withFolders: Bool) async throws

  /// Forgets a stray that is gone.
  func forget(_ id: UUID, _ transaction: (any Transaction)?) async throws
}

/// Keeps them in PostgreSQL.
struct PostgresStrayStore: StrayStore {
  let database: Database

  private static let columns: SQL = """
    select t.id, t.server_id, s.name as server_name, t.kind, t.thing, t.name, t.labels, t.first_seen, t.last_seen
    from strays t join servers s on s.id = t.server_id
    """

  func all(_ transaction: (any Transaction)?) async throws -> [Stray] {
    try await database.runner(in: transaction).query("\(Self.columns) order by s.name, t.name, t.kind").map(
      Self.stray)
  }

  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Stray? {
    try await database.runner(in: transaction).query("\(Self.columns) where t.id = \(id)").first.map(
      Self.stray)
  }

  func note(_ strays: [SeenThing], on server: UUID, withFolders: Bool) async throws {
    try await database.transaction { connection in
      for stray in strays {
        try await connection.execute(
          """
          insert into strays (id, server_id, kind, thing, name, labels)
          values (\(UUID()), \(server), \(stray.kind.rawValue), \(stray.id), \(stray.name), \(json: stray.labels))
          on conflict (server_id, kind, thing) do update
            set name = excluded.name, labels = excluded.labels, last_seen = now()
          """)
      }
      try await connection.execute(
        """
        delete from strays where server_id = \(server) and (kind <> 'folder' or \(withFolders))
          and (kind, thing) not in (select * from unnest(\(strays.map(\.kind.rawValue)), \(strays.map(\.id))))
        """)
    }
  }

  func forget(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await database.runner(in: transaction).execute("delete from strays where id = \(id)")
  }

  private static func stray(_ row: Row) throws -> Stray {
    Stray(
      id: try row.get("id"), server: try row.get("server_id"), serverName: try row.get("server_name"),
      kind: try row.get("kind"), thing: try row.get("thing"), name: try row.get("name"),
      labels: try row.get("labels", json: [String: String].self), firstSeen: try row.get("first_seen"),
      lastSeen: try row.get("last_seen"))
  }
}

extension Stray.Kind: PostgresDecodable {}
