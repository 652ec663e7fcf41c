import Foundation
import Mail
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

/// What came of a right address and password.
public enum SignInOutcome: Sendable {
  /// The person is in.
  case signedIn(SignedIn)
  /// A code of the person's second factor is wanted, together with this secret, within ``Hosting/challengeLifetime``.
  case wantsCode(challenge: Secret)
}

extension Hosting {
  /// How long a session lasts, in seconds: seven days, and one day without use.
  static let sessionLifetime: TimeInterval = 7 * 86_400
  static let sessionIdleTime: TimeInterval = 86_400
  /// How long a person may look for his code, in seconds.
  public static let challengeLifetime: TimeInterval = 300

  /// Signs a person in by address and password.
  ///
  /// - Throws: `HostingError`: `unauthenticated` in the same words and after the same time whatever was
  ///   wrong, with `retryAfter` once there were too many failures for this address or from this place.
  public func signIn(email: String, password: String, address: String, userAgent: String) async throws
    -> SignInOutcome
  {
    let email = email.trimmingCharacters(in: .whitespaces).lowercased()
    var person: UUID?
    // What is no address is nobody's. It may be of any length, which no key may.
    let isAddress = Mailer.isAddress(email)
    let keys = (isAddress ? ["person \(email)"] : []) + ["address \(address)"]
    // Failures are forgiven when the person is in: half of what he needs may be found out.
    let outcome = try await attempt(keys) {
      let row =
        isAddress
        ? try await database.query(
          "select id, password_hash, totp_since is not null as wants_code from people where email = \(email)"
        ).first : nil
      guard try await passwords.verify(password, against: try row?.get("password_hash")), let row else {
        return .wrong
      }
      person = try row.get("id")
      return try row.get("wants_code") ? .half : .right
    }
    guard let person else {
      throw HostingError(
        .unauthenticated, "The address or the password is not right.",
        suggestion: sendsMail
          ? "Try again, or have a link for a new password sent to you."
          : "Try again; who runs the installation can make a new sign-in link with: odeumd admin link"
      )
    }
    if outcome == .half { return .wantsCode(challenge: try await challenge(person)) }
    return .signedIn(try await openSession(for: person, address: address, userAgent: userAgent))
  }

  private func challenge(_ person: UUID) async throws -> Secret {
    let token = BearerToken()
    try await database.execute("delete from sign_in_challenges where expires_at < now()")
    try await database.execute(
      """
      insert into sign_in_challenges (token_hash, person_id, expires_at)
      values (\(token.hash), \(person), now() + make_interval(secs => \(Self.challengeLifetime)))
      """)
    return token.secret
  }

  /// Signs a person in who has shown address and password, by a code of his second factor or one of his recovery
  /// codes.
  ///
  /// - Throws: `HostingError`: `invalid` for a wrong code; `unauthenticated` where `challenge` is unknown, used or over,
  ///   or there were too many failures.
  public func signIn(challenge: String, code: String, address: String, userAgent: String) async throws
    -> SignedIn
  {
    let (person, email) = try await challenged(challenge)
    let outcome = try await attempt(["person \(email)", "address \(address)"]) {
      try await usesSecondFactor(of: person, code) ? .right : .wrong
    }
    guard outcome == .right else { throw HostingError.wrongCode }
    try await database.execute("delete from sign_in_challenges where person_id = \(person)")
    return try await openSession(for: person, address: address, userAgent: userAgent)
  }

  /// Who has shown address and password, of whom a code is wanted.
  ///
  /// - Throws: `HostingError` with code `unauthenticated` where `challenge` is unknown, used or over.
  func challenged(_ challenge: String) async throws -> (person: UUID, email: String) {
    let row = try await database.query(
      """
      select c.person_id, p.email from sign_in_challenges c join people p on p.id = c.person_id
      where c.token_hash = \(BearerToken.hash(of: challenge)) and c.expires_at > now()
      """
    ).first
    guard let row else {
      throw HostingError(
        .unauthenticated, "It took too long to give the code.",
        suggestion: "Sign in with your password again.")
    }
    return (try row.get("person_id"), try row.get("email"))
  }

  /// Ends the session of `token`. One that is over, or unknown, is nothing to complain of.
  public func signOut(session token: String, address: String) async throws {
    guard var actor = try await actor(session: token), let session = actor.session else {
      // Of somebody who belongs nowhere now, and may again tomorrow.
      try await database.execute("delete from sessions where token_hash = \(BearerToken.hash(of: token))")
      return
    }
    actor.address = address
    try await endSession(session, by: actor)
  }

  /// Who holds the session of `token`, nil where it is unknown, was ended or is over.
  ///
  /// - Parameter organisation: the slug of the organisation for which he acts; nil: the first that he joined.
  /// - Throws: `HostingError` with code `notFound` where he does not belong to that organisation, or there is none.
  public func actor(session token: String, in organisation: String? = nil) async throws -> Actor? {
    let row = try await database.query(
      """
      select \(Self.actorColumns), s.id as session_id,
        s.seen_at < now() - interval '1 minute' as stale
      from sessions s join people p on p.id = s.person_id
        join memberships m on m.person_id = p.id join organisations o on o.id = m.organisation_id
      where s.token_hash = \(BearerToken.hash(of: token)) and s.expires_at > now()
        and s.seen_at > now() - make_interval(secs => \(Self.sessionIdleTime))
        and (\(organisation)::text is null or o.slug = \(organisation))
      order by m.created_at, o.slug limit 1
      """
    ).first
    guard let row else {
      // Whoever is signed in learns that it is not for him; whether there is such an organisation he does not.
      if let organisation, try await actor(session: token) != nil {
        throw HostingError.notFound("organisation", organisation)
      }
      return nil
    }
    if try row.get("stale", as: Bool.self) {
      let session: UUID = try row.get("session_id")
      try await database.execute("update sessions set seen_at = now() where id = \(session)")
    }
    var actor = try Self.actor(row, door: .console)
    actor.session = try row.get("session_id")
    return actor
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
    guard var actor = try await actor(session: token.secret.reveal()) else { throw HostingError.noMember }
    actor.address = address
    try await note(.signIn, .person(actor), by: actor, atOnce)
    return SignedIn(token: token.secret, expiresAt: expiresAt, actor: actor)
  }

  /// What an actor is made of: a person `p` with the membership `m` of the organisation `o`.
  static let actorColumns: SQL = """
    p.id, p.email, p.is_operator, m.role, m.actions, m.projects, m.servers, m.instances, o.id as organisation_id, o.slug,
    (select count(*) from memberships every where every.person_id = p.id) as memberships
    """

  static func actor(_ row: Row, door: Actor.Door) throws -> Actor {
    Actor(
      userID: try row.get("id"), email: try row.get("email"), organisationID: try row.get("organisation_id"),
      organisationSlug: try row.get("slug"), role: try row.get("role"), grants: try Grants(row),
      memberships: try row.get("memberships"), isOperator: try row.get("is_operator"), door: door)
  }
}
