import Foundation
import Postgres
import Remote

/// A token that a program shows instead of a password.
public struct APIToken: Sendable {
  /// The identity.
  public var id: UUID
  /// What it is for.
  public var name: String
  /// When it was made.
  public var createdAt: Date
  /// When it was last used, to the minute.
  public var usedAt: Date?
  /// When it ends, nil for never.
  public var expiresAt: Date?
}

/// A token just made, with its secret, which is said once.
public struct CreatedToken: Sendable {
  /// The token.
  public var token: APIToken
  /// What a program sends as `Authorization: Bearer`.
  public var secret: Secret
}

extension Hosting {
  private static let tokenColumns: SQL = "select id, name, created_at, used_at, expires_at from api_tokens"

  /// Who holds the API token `secret`, nil where it is unknown, revoked or over.
  public func actor(apiToken secret: String) async throws -> Actor? {
    let row = try await database.query(
      """
      select \(Self.actorColumns), t.id as token_id, t.scopes,
        t.used_at is null or t.used_at < now() - interval '1 minute' as stale
      from api_tokens t join people p on p.id = t.person_id join organisations o on o.id = t.organisation_id
        join memberships m on m.person_id = p.id and m.organisation_id = o.id
      where t.token_hash = \(BearerToken.hash(of: secret)) and (t.expires_at is null or t.expires_at > now())
      """
    ).first
    guard let row else { return nil }
    if try row.get("stale", as: Bool.self) {
      let token: UUID = try row.get("token_id")
      try await database.execute("update api_tokens set used_at = now() where id = \(token)")
    }
    let scopes = try row.get("scopes", as: [String]?.self).map { Set($0.compactMap(Permission.init)) }
    return try Self.actor(row, scopes: scopes, door: .api)
  }

  /// The tokens of the one who asks, newest first.
  public func tokens(by actor: Actor) async throws -> [APIToken] {
    try await database.query(
      """
      \(Self.tokenColumns) where person_id = \(actor.userID) and organisation_id = \(actor.organisationID)
      order by created_at desc, id
      """
    ).map(Self.token)
  }

  /// Makes a token that may do what the one who asks may do in this organisation.
  ///
  /// - Throws: `HostingError` with code `invalid` for a bad name or an end in the past.
  public func createToken(name: String, expiresAt: Date?, by actor: Actor) async throws -> CreatedToken {
    let name = name.trimmingCharacters(in: .whitespaces)
    var fields: [HostingError.Field] = []
    if name.isEmpty || name.count > 100 {
      fields.append(.init("name", "A token's name has 1 to 100 characters and says what it is for."))
    }
    if let expiresAt, expiresAt <= Date() { fields.append(.init("expiresAt", "The end lies in the past.")) }
    guard fields.isEmpty else { throw HostingError.invalid(fields) }
    let token = BearerToken(prefix: "odeum_")
    let id = UUID()
    let made = try await database.transaction { connection in
      let row = try await connection.query(
        """
        insert into api_tokens (id, token_hash, person_id, organisation_id, name, expires_at)
        values (\(id), \(token.hash), \(actor.userID), \(actor.organisationID), \(name), \(expiresAt))
        returning id, name, created_at, used_at, expires_at
        """)[0]
      try await note(
        .createToken, AuditSubject("token", id, name), after: ["expiresAt": expiresAt], by: actor, connection)
      return try Self.token(row)
    }
    return CreatedToken(token: made, secret: token.secret)
  }

  /// Ends a token of the one who asks.
  ///
  /// - Throws: `HostingError` with code `notFound` where there is none.
  public func revokeToken(_ id: UUID, by actor: Actor) async throws {
    try await database.transaction { connection in
      let ended = try await connection.query(
        "delete from api_tokens where id = \(id) and person_id = \(actor.userID) returning name")
      guard let row = ended.first else { throw HostingError.notFound("token", id.uuidString) }
      try await note(
        .revokeToken, AuditSubject("token", id, row.get("name")), by: actor, connection)
    }
  }

  private static func token(_ row: Row) throws -> APIToken {
    APIToken(
      id: try row.get("id"), name: try row.get("name"), createdAt: try row.get("created_at"),
      usedAt: try row.get("used_at"), expiresAt: try row.get("expires_at"))
  }
}
