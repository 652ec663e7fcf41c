import Foundation
import Postgres
import Remote

/// Somebody who has just signed in.
public struct SignedIn: Sendable {
  /// The session's token, for the cookie.
  public var token: Secret
  /// When the session ends at the latest.
  public var expiresAt: Date
  /// Who it is.
  public var actor: Actor
}

extension Hosting {
  /// How long a session lasts, in seconds: seven days, and one day without use.
  static let sessionLifetime: TimeInterval = 7 * 86_400
  static let sessionIdleTime: TimeInterval = 86_400

  /// Signs a person in by address and password.
  ///
  /// - Throws: `HostingError`: `unauthenticated` in the same words and after the same time whatever was
  ///   wrong, with `retryAfter` once there were too many failures for this address or from this place.
  public func signIn(email: String, password: String, address: String, userAgent: String) async throws
    -> SignedIn
  {
    let email = email.trimmingCharacters(in: .whitespaces).lowercased()
    let attempts = SignInAttempts(keys: ["person \(email)", "address \(address)"])
    try await attempts.check(database)
    let person = try await database.query("select id, password_hash from people where email = \(email)").first
    let hash: String? = try person?.get("password_hash")
    guard try await passwords.verify(password, against: hash), let id: UUID = try person?.get("id") else {
      try await attempts.failed(database)
      throw HostingError(
        .unauthenticated, "The address or the password is not right.",
        suggestion: "Try again; who runs the installation can make a new sign-in link with: odeumd admin link"
      )
    }
    try await attempts.succeeded(database)
    return try await openSession(for: id, address: address, userAgent: userAgent)
  }

  /// Ends the session of `token`. An unknown one is nothing to complain of.
  public func signOut(session token: String) async throws {
    try await database.execute("delete from sessions where token_hash = \(BearerToken.hash(of: token))")
  }

  /// Who holds the session of `token`, nil where it is unknown, was ended or is over.
  public func actor(session token: String) async throws -> Actor? {
    let row = try await database.query(
      """
      select p.id, p.email, p.is_operator, m.role, o.id as organisation_id, o.slug, s.id as session_id,
        s.seen_at < now() - interval '1 minute' as stale
      from sessions s join people p on p.id = s.person_id
        join memberships m on m.person_id = p.id join organisations o on o.id = m.organisation_id
      where s.token_hash = \(BearerToken.hash(of: token)) and s.expires_at > now()
        and s.seen_at > now() - make_interval(secs => \(Self.sessionIdleTime))
      order by m.created_at limit 1
      """
    ).first
    guard let row else { return nil }
    if try row.get("stale", as: Bool.self) {
      let session: UUID = try row.get("session_id")
      try await database.execute("update sessions set seen_at = now() where id = \(session)")
    }
    return try Self.actor(row, door: .console)
  }

  /// Opens a session for a person who has proved who he is.
  func openSession(for person: UUID, address: String, userAgent: String) async throws -> SignedIn {
    let token = BearerToken()
    let expiresAt = Date(timeIntervalSinceNow: Self.sessionLifetime)
    try await database.execute("delete from sessions where expires_at < now()")
    try await database.execute(
      """
      insert into sessions (id, token_hash, person_id, address, user_agent, expires_at)
      values (\(UUID()), \(token.hash), \(person), \(address), \(String(userAgent.prefix(300))), \(expiresAt))
      """)
    guard let actor = try await actor(session: token.secret.reveal()) else {
      throw HostingError(
        .forbidden, "You are no member of any organisation.", suggestion: "Ask an owner to invite you.")
    }
    return SignedIn(token: token.secret, expiresAt: expiresAt, actor: actor)
  }

  static func actor(_ row: Row, door: Actor.Door) throws -> Actor {
    Actor(
      userID: try row.get("id"), email: try row.get("email"), organisationID: try row.get("organisation_id"),
      organisationSlug: try row.get("slug"), role: try row.get("role"),
      isOperator: try row.get("is_operator"),
      door: door)
  }
}

/// Counts failures to sign in, by person and by place, and makes who fails wait longer and longer.
private struct SignInAttempts {
  let keys: [String]

  /// Failures that cost nothing.
  static let free = 4

  func check(_ database: Database) async throws {
    let rows = try await database.query(
      """
      select max(extract(epoch from last_at - now()) + least(900, 2 ^ least(20, failures - \(Self.free))))::float8 as wait
      from sign_in_failures where key = any(\(keys)) and failures > \(Self.free)
      """)
    guard let wait: Double = try rows.first?.get("wait"), wait > 0 else { return }
    let seconds = Int(wait.rounded(.up))
    throw HostingError(
      .unauthenticated, "Too many failures to sign in. The next try is possible in \(seconds) s.",
      suggestion: "Wait, then try again.", retryAfter: .seconds(seconds))
  }

  func failed(_ database: Database) async throws {
    for key in keys {
      // An hour without a failure forgives all of them.
      try await database.execute(
        """
        insert into sign_in_failures as f (key, failures, last_at) values (\(key), 1, now())
        on conflict (key) do update set last_at = now(),
          failures = case when f.last_at < now() - interval '1 hour' then 1 else f.failures + 1 end
        """)
    }
  }

  func succeeded(_ database: Database) async throws {
    try await database.execute("delete from sign_in_failures where key = any(\(keys))")
  }
}
