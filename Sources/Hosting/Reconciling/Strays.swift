import Foundation
import Postgres

/// Something on a server that carries this installation's label and that the database does not know: after an older
/// backup of the control plane was restored, say. It is left alone and shown, and removed on an operator's order only.
public struct Stray: Sendable, Equatable {
  /// Kinds of things.
  public enum Kind: String, Sendable, CaseIterable {
    /// A container, running or not.
    case container
    /// A volume with data.
    case volume
    /// A network.
    case network
    /// A folder of an instance.
    case folder
  }

  /// The identity of this record.
  public var id: UUID
  /// Where it is.
  public var server: UUID
  /// That server's name.
  public var serverName: String
  /// What it is.
  public var kind: Kind
  /// How Docker or the host calls it: an id, a name, a path.
  public var thing: String
  /// Its name.
  public var name: String
  /// Its labels.
  public var labels: [String: String]
  /// When it was first seen.
  public var firstSeen: Date
  /// When it was last seen.
  public var lastSeen: Date

  /// The name that the instance had which it was a part of, where its labels tell.
  public var formerInstance: String? { labels[Label.slug] }
}

extension Hosting {
  /// Everything on servers that carries this installation's label and belongs to nothing, by server and name.
  ///
  /// - Throws: `HostingError` with code `forbidden` unless the one who asks is an operator.
  public func strays(by actor: Actor) async throws -> [Stray] {
    try requireOperator(actor)
    return try await StrayStore().all(database)
  }

  /// One of them.
  ///
  /// - Throws: `HostingError` with code `notFound`, also where it is gone by now; `forbidden` unless the one who asks
  ///   is an operator.
  public func stray(_ id: UUID, by actor: Actor) async throws -> Stray {
    try requireOperator(actor)
    guard let stray = try await StrayStore().get(id, database) else {
      throw HostingError.notFound("stray", id.uuidString.lowercased())
    }
    return stray
  }

  /// Removes a stray, a volume with its data. Its labels are looked at once more: what belongs to an instance or to
  /// another installation by now is not touched.
  ///
  /// - Throws: `HostingError`: `forbidden` unless the one who asks is an operator; `notFound`; `conflict` where it is
  ///   no stray any more or in use; `unavailable` where the server does not answer.
  public func removeStray(_ id: UUID, by actor: Actor) async throws {
    let stray = try await stray(id, by: actor)
    guard let server = try await serverStore.get(stray.server, database) else {
      throw HostingError.notFound("server", stray.serverName)
    }
    let runtime = await fleet.looking(at: server.reference)
    try await translatingFailures {
      if let labels = try await runtime.labels(of: stray) {
        try await refuseUnlessStray(stray, labels: labels)
        // Before it is gone: what was done is to be found even where the rest is cut off.
        try await note(
          .removeStray, AuditSubject(stray.kind.rawValue, nil, stray.name), before: ["server": server.name],
          by: actor, database)
        try await runtime.remove(stray)
      }
    }
    try await StrayStore().forget(id, database)
  }

  private func refuseUnlessStray(_ stray: Stray, labels: [String: String]) async throws {
    let name = "The \(stray.kind.rawValue) \(stray.name) on \(stray.serverName)"
    guard labels[Label.installation] == installation.uuidString else {
      throw HostingError(
        .conflict, "\(name) is not this installation's.", suggestion: "Look at its labels; it is not touched."
      )
    }
    guard labels == stray.labels else {
      throw HostingError(
        .conflict, "\(name) is another one than the one that was shown: its labels changed.",
        suggestion: "Look at the list again.")
    }
    guard let owner = labels[Label.instance].flatMap({ UUID(uuidString: $0) }) else { return }
    let rows = try await database.query("select name, server_id from instances where id = \(owner)")
    guard let row = rows.first, try row.get("server_id", as: UUID.self) == stray.server else { return }
    throw HostingError(
      .conflict, "\(name) belongs to the instance \(try row.get("name", as: String.self)).",
      suggestion: "Remove the instance, and its parts go with it.")
  }

  private func requireOperator(_ actor: Actor) throws {
    guard !actor.isOperator else { return }
    throw HostingError(
      .forbidden, "Only an operator of the installation sees what nobody owns.",
      suggestion: "Ask the one who runs this installation.")
  }
}

/// Reads and writes strays.
struct StrayStore: Sendable {
  private static let columns: SQL = """
    select t.id, t.server_id, s.name as server_name, t.kind, t.thing, t.name, t.labels, t.first_seen, t.last_seen
    from strays t join servers s on s.id = t.server_id
    """

  func all(_ connection: some SQLRunner) async throws -> [Stray] {
    try await connection.query("\(Self.columns) order by s.name, t.name, t.kind").map(Self.stray)
  }

  func get(_ id: UUID, _ connection: some SQLRunner) async throws -> Stray? {
    try await connection.query("\(Self.columns) where t.id = \(id)").first.map(Self.stray)
  }

  /// Notes the strays that a look has shown, and forgets those that are gone.
  ///
  /// - Parameter withFolders: whether the look asked for folders.
  func note(_ strays: [SeenThing], on server: UUID, withFolders: Bool, _ database: Database) async throws {
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

  func forget(_ id: UUID, _ connection: some SQLRunner) async throws {
    try await connection.execute("delete from strays where id = \(id)")
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
