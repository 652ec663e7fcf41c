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
  /// The only permissions that it has; nil: all that its person has.
  public var scopes: Set<Permission>?
}

/// A token just made, with its secret, which is said once.
public struct CreatedToken: Sendable {
  /// The token.
  public var token: APIToken
  /// What a program sends as `Authorization: Bearer`.
  public var secret: Secret
}

extension Hosting {
  private static let tokenColumns: SQL =
    "select id, name, created_at, used_at, expires_at, scopes from api_tokens"

  /// Who holds the API token `secret`, nil where it is unknown, revoked or over. A token is for one organisation.
  ///
  /// - Parameter organisation: the slug of the organisation that is meant; nil: that of the token.
  /// - Throws: `HostingError` with code `notFound` where the token is for another organisation.
  public func actor(apiToken secret: String, in organisation: String? = nil) async throws -> Actor? {
    let row = try await database.query(
      """
      select \(Self.actorColumns), t.id as token_id, t.scopes, t.expires_at,
        t.used_at is null or t.used_at < now() - interval '1 minute' as stale
      from api_tokens t join people p on p.id = t.person_id join organisations o on o.id = t.organisation_id
        join memberships m on m.person_id = p.id and m.organisation_id = o.id
      where t.token_hash = \(BearerToken.hash(of: secret)) and (t.expires_at is null or t.expires_at > now())
      """
    ).first
    guard let row else { return nil }
    let token = TokenReference(id: try row.get("token_id"), expiresAt: try row.get("expires_at"))
    if try row.get("stale", as: Bool.self) {
      try await database.execute("update api_tokens set used_at = now() where id = \(token.id)")
    }
    var actor = try Self.actor(row, door: .api)
    actor.token = token
    actor.scopes = try Self.scopes(row)
    // No scope stands for what operators do.
    if actor.scopes != nil { actor.isOperator = false }
    if let organisation, organisation != actor.organisationSlug {
      throw HostingError.notFound("organisation", organisation)
    }
    return actor
  }

  /// The tokens of the one who asks, newest first; a token with scopes sees itself alone.
  public func tokens(by actor: Actor) async throws -> [APIToken] {
    let only = actor.scopes == nil ? nil : actor.token?.id
    return try await database.query(
      """
      \(Self.tokenColumns) where person_id = \(actor.userID) and organisation_id = \(actor.organisationID)
        and (\(only)::uuid is null or id = \(only))
      order by created_at desc, id
      """
    ).map(Self.token)
  }

  /// Makes a token that may do what the one who asks may do in this organisation, or only some of it. One that is made
  /// by a token may do no more than that one, and ends no later.
  ///
  /// - Parameter scopes: words of ``TokenScope/words``; nil: all that the one who asks may do.
  /// - Throws: `HostingError` with code `invalid` for a bad name, an end in the past, or a scope that is none or not his.
  public func createToken(
    name: String, expiresAt: Date?, scopes: [String]? = nil, by actor: Actor
  ) async throws -> CreatedToken {
    try await createToken(name: name, expiresAt: expiresAt, scopes: scopes, key: nil, by: actor)
  }

  /// As `createToken`; the same wish with the same `idempotencyKey` makes nothing and says no secret.
  ///
  /// - Throws: also `HostingError` with code `conflict` where the token that came of it has ended.
  public func createToken(
    name: String, expiresAt: Date?, scopes: [String]?, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> Once<CreatedToken, APIToken> {
    try await once(
      idempotencyKey, .token, by: actor, known: { id in try await tokens(by: actor).first { $0.id == id } }
    ) { try await createToken(name: name, expiresAt: expiresAt, scopes: scopes, key: $0, by: actor) }
  }

  private func createToken(
    name: String, expiresAt: Date?, scopes: [String]?, key: RequestKey?, by actor: Actor
  ) async throws -> CreatedToken {
    let name = name.trimmingCharacters(in: .whitespaces)
    var faults = Faults()
    if name.isEmpty || name.count > 100 || name.contains(where: \.isControl) {
      faults.add("name", "A token's name has 1 to 100 characters on one line and says what it is for.")
    }
    if let expiresAt, expiresAt <= Date() { faults.add("expiresAt", "The end lies in the past.") }
    let latest = actor.token?.expiresAt
    if let expiresAt, let latest, expiresAt > latest {
      faults.add(
        "expiresAt", "A token that a token makes ends no later than that one: \(latest.formatted(.iso8601)).")
    }
    let expiresAt = expiresAt ?? latest
    let scopes = scopes.map { TokenScope.permissions($0, for: actor, &faults) } ?? actor.scopes
    try faults.throwIfAny()
    let names = scopes?.map(\.rawValue).sorted()
    let token = BearerToken(prefix: "odeum_")
    let id = UUID()
    let made = try await database.transaction { connection in
      try await key?.remember(id, connection)
      let row = try await connection.query(
        """
        insert into api_tokens (id, token_hash, person_id, organisation_id, name, expires_at, scopes)
        values (\(id), \(token.hash), \(actor.userID), \(actor.organisationID), \(name), \(expiresAt), \(names))
        returning id, name, created_at, used_at, expires_at, scopes
        """)[0]
      try await note(
        .createToken, AuditSubject("token", id, name),
        after: AuditedToken(expiresAt: expiresAt, scopes: names), by: actor, connection)
      return try Self.token(row)
    }
    return CreatedToken(token: made, secret: token.secret)
  }

  /// Ends a token of the one who asks.
  ///
  /// - Throws: `HostingError`: `notFound` where there is none; `forbidden` for a token with scopes, which ends itself
  ///   alone.
  public func revokeToken(_ id: UUID, by actor: Actor) async throws {
    if id != actor.token?.id { try actor.requireWholePerson() }
    try await database.transaction { connection in
      let ended = try await connection.query(
        """
        delete from api_tokens
        where id = \(id) and person_id = \(actor.userID) and organisation_id = \(actor.organisationID) returning name
        """)
      guard let row = ended.first else { throw HostingError.notFound("token", id.uuidString) }
      try await note(
        .revokeToken, AuditSubject("token", id, row.get("name")), by: actor, connection)
    }
  }

  private static func token(_ row: Row) throws -> APIToken {
    APIToken(
      id: try row.get("id"), name: try row.get("name"), createdAt: try row.get("created_at"),
      usedAt: try row.get("used_at"), expiresAt: try row.get("expires_at"), scopes: try scopes(row))
  }

  private static func scopes(_ row: Row) throws -> Set<Permission>? {
    try row.get("scopes", as: [String]?.self).map { Set($0.compactMap(Permission.init)) }
  }
}

extension Character {
  /// Whether it is none that people see: a line break, an escape.
  var isControl: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}

/// A token as the audit log describes it.
private struct AuditedToken: Encodable, Sendable {
  var expiresAt: Date?
  var scopes: [String]?
}
