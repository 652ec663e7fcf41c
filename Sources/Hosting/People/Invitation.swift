import Foundation
import Mail
import Postgres
import Remote

/// The offer to become a member of an organisation, made to whoever holds its link.
public struct Invitation: Sendable, Equatable {
  /// The identity.
  public var id: UUID
  /// The address that the person will sign in with.
  public var email: String
  /// What he will be.
  public var role: Role
  /// What he will be able to do beside that, and what will exist for him.
  public var grants: Grants
  /// Who invited him.
  public var invitedBy: String
  /// When.
  public var createdAt: Date
  /// When the link ends.
  public var expiresAt: Date
}

/// An invitation just made, with the secret part of its link, which is said once.
public struct CreatedInvitation: Sendable {
  /// The invitation.
  public var invitation: Invitation
  /// The secret part of the link. Where messages are sent, whoever has it still has to show that the address is his.
  public var secret: Secret
  /// Whether the person has got it by mail.
  public var mail = InvitationMail.off
}

/// What whoever holds the link of an invitation sees of it.
public struct OpenInvitation: Sendable, Equatable {
  /// The organisation's name.
  public var organisation: String
  /// The address that it was sent to.
  public var email: String
  /// What the person will be.
  public var role: Role
  /// What he does to accept.
  public var next: Next

  /// How an invitation is accepted. Somebody who is signed in with its address accepts it in any case.
  public enum Next: Sendable {
    /// There is no such person yet: he chooses a password.
    case choosePassword
    /// There is a person with that address, who signs in as himself.
    case signIn
    /// The link did not come to the address: whether there is such a person is not told, and no password chosen for it,
    /// before he has shown that it is his.
    case proveAddress
  }
}

extension Hosting {
  /// How long the link of an invitation is good, in seconds: seven days.
  static let invitationLifetime: TimeInterval = 7 * 86_400

  /// The invitations of the organisation of the one who asks that nobody has accepted, newest first; those that are
  /// over among them.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func invitations(by actor: Actor) async throws -> [Invitation] {
    try actor.require(.manageMembers)
    return try await InvitationStore().all(in: actor.organisationID, database)
  }

  /// Invites a person. A former invitation to the same address ends.
  ///
  /// - Throws: `HostingError`: `forbidden`; `invalid`; `conflict` where the person is a member already.
  public func invite(
    _ email: String, as role: Role, _ grants: Grants = Grants(), by actor: Actor
  ) async throws -> CreatedInvitation {
    try await invite(email, as: role, grants, key: nil, by: actor)
  }

  /// As `invite`; the same wish with the same `idempotencyKey` makes nothing, sends nothing and says no link.
  ///
  /// - Throws: also `HostingError` with code `conflict` where the invitation that came of it was used or withdrawn.
  public func invite(
    _ email: String, as role: Role, _ grants: Grants, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> Once<CreatedInvitation, Invitation> {
    try await once(
      idempotencyKey, .invitation, by: actor,
      known: { id in try await invitations(by: actor).first { $0.id == id } }
    ) { try await invite(email, as: role, grants, key: $0, by: actor) }
  }

  private func invite(
    _ email: String, as role: Role, _ grants: Grants, key: RequestKey?, by actor: Actor
  ) async throws -> CreatedInvitation {
    try actor.require(.manageMembers)
    try actor.requireOwnership(of: role)
    try actor.requireNoMore(than: role, grants)
    let email = try Self.checked(email: email)
    try await refuseUnknown(grants, in: actor.organisationID)
    let token = BearerToken()
    let mailed = sendsMail ? BearerToken() : nil
    let invitation = Invitation(
      id: UUID(), email: email, role: role, grants: grants, invitedBy: actor.email, createdAt: Date(),
      expiresAt: Date(timeIntervalSinceNow: Self.invitationLifetime))
    try await database.transaction { connection in
      try await key?.remember(invitation.id, connection)
      let isMember = try await connection.query(
        """
        select from memberships m join people p on p.id = m.person_id
        where p.email = \(email) and m.organisation_id = \(actor.organisationID)
        """)
      guard isMember.isEmpty else {
        throw HostingError(
          .conflict, "\(email) is a member of \(actor.organisationSlug) already.",
          suggestion: "Change what the member may do instead.")
      }
      try await InvitationStore().insert(
        invitation, token.hash, mailed: mailed?.hash, into: actor.organisationID, connection)
      try await note(
        .invite, AuditSubject("person", nil, email), after: AuditedMember(role, grants), by: actor, connection
      )
    }
    var created = CreatedInvitation(invitation: invitation, secret: token.secret)
    if let mailed { created.mail = await mail(invitation, mailed.secret, to: actor.organisationSlug) }
    return created
  }

  /// Takes an invitation back; its link is good for nothing from then on.
  ///
  /// - Throws: `HostingError`: `forbidden`, `notFound`.
  public func withdrawInvitation(_ id: UUID, by actor: Actor) async throws {
    try actor.require(.manageMembers)
    try await database.transaction { connection in
      guard let email = try await InvitationStore().delete(id, from: actor.organisationID, connection) else {
        throw HostingError.notFound("invitation", id.uuidString.lowercased())
      }
      try await note(.withdrawInvitation, AuditSubject("person", nil, email), by: actor, connection)
    }
  }

  /// What the link `token` offers; nil where it is unknown, used or over.
  public func openInvitation(_ token: String) async throws -> OpenInvitation? {
    let hash = BearerToken.hash(of: token)
    return try await database.query(
      """
      select o.name, i.email, i.role, exists (select from people p where p.email = i.email) as is_known,
        i.mailed_hash is not distinct from \(hash) as is_mailed
      from invitations i join organisations o on o.id = i.organisation_id
      where (i.token_hash = \(hash) or i.mailed_hash = \(hash)) and i.expires_at > now()
      """
    ).first.map {
      let isProven = try $0.get("is_mailed") || !sendsMail
      return OpenInvitation(
        organisation: try $0.get("name"), email: try $0.get("email"), role: try $0.get("role"),
        next: !isProven ? .proveAddress : try $0.get("is_known") ? .signIn : .choosePassword)
    }
  }

  /// Accepts an invitation as a person who is new here, who chooses a password, and signs him in.
  ///
  /// - Throws: `HostingError`: `unauthenticated` where the link is unknown, used or over; `forbidden` where it did not
  ///   come to the address; `conflict` where the person is known and has to sign in to accept; `invalid` for a poor
  ///   password, in which case the link stays usable.
  public func acceptInvitation(
    _ token: String, password: String?, address: String, userAgent: String
  ) async throws -> SignedIn {
    guard let open = try await openInvitation(token) else { throw HostingError.invitationGone }
    switch open.next {
    case .choosePassword: break
    case .signIn: throw HostingError.knownPerson(open.email)
    case .proveAddress:
      throw HostingError(
        .forbidden, "This link did not come to \(open.email), so it does not show whose it is.",
        suggestion: "Have a link mailed to it, or sign in with it.")
    }
    let hash = try await passwords.hash(Self.checked(password: password))
    let person = UUID()
    do {
      try await database.transaction { connection in
        try await connection.execute(
          "insert into people (id, email, password_hash) values (\(person), \(open.email), \(hash))")
        try await join(token, as: person, email: open.email, address: address, connection)
      }
    } catch let error as PostgresError where error.isUniqueViolation("people_email_key") {
      throw HostingError.knownPerson(open.email)
    }
    return try await openSession(for: person, address: address, userAgent: userAgent)
  }

  /// Accepts an invitation as the person who is signed in.
  ///
  /// - Throws: `HostingError`: `unauthenticated` where the link is unknown, used or over; `forbidden` where it was made
  ///   for somebody else.
  public func acceptInvitation(_ token: String, by actor: Actor) async throws {
    guard let open = try await openInvitation(token) else { throw HostingError.invitationGone }
    guard open.email == actor.email else {
      throw HostingError(
        .forbidden, "This invitation is for \(open.email), and you are \(actor.email).",
        suggestion: "Sign out, then open the link again.")
    }
    try await database.transaction { connection in
      try await join(token, as: actor.userID, email: actor.email, address: actor.address, connection)
    }
  }

  /// Uses the invitation up.
  private func join(
    _ token: String, as person: UUID, email: String, address: String?, _ connection: Connection
  ) async throws {
    guard let used = try await InvitationStore().use(BearerToken.hash(of: token), connection) else {
      throw HostingError.invitationGone
    }
    let (organisation, slug, invitation) = used
    try await MemberStore().insert(
      person, as: invitation.role, invitation.grants, in: organisation, connection)
    let joined = Actor(
      userID: person, email: email, organisationID: organisation, organisationSlug: slug,
      role: invitation.role,
      grants: invitation.grants, isOperator: false, door: .console, address: address)
    try await note(
      .acceptInvitation, .person(joined), after: AuditedMember(invitation.role, invitation.grants),
      by: joined,
      connection)
  }

  /// The address as it is kept, if it can be one.
  static func checked(email: String) throws -> String {
    let email = email.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    guard Mailer.isAddress(email) else {
      throw HostingError.invalid([.init("email", "“\(email)” is no e-mail address.")])
    }
    return email
  }
}

extension HostingError {
  static var invitationGone: HostingError {
    HostingError(
      .unauthenticated, "This invitation was accepted or withdrawn already, or is over.",
      suggestion: "Ask who invited you for a new one.")
  }

  fileprivate static func knownPerson(_ email: String) -> HostingError {
    HostingError(
      .conflict, "There is a person \(email) already.", suggestion: "Sign in, then open the link again.")
  }
}

/// Reads and writes invitations.
struct InvitationStore: Sendable {
  func all(in organisation: UUID, _ connection: some SQLRunner) async throws -> [Invitation] {
    try await connection.query(
      "select * from invitations where organisation_id = \(organisation) order by created_at desc, id"
    ).map(Invitation.init)
  }

  func insert(
    _ invitation: Invitation, _ hash: Data, mailed: Data?, into organisation: UUID, _ connection: Connection
  ) async throws {
    let grants = invitation.grants
    try await connection.execute(
      "delete from invitations where organisation_id = \(organisation) and email = \(invitation.email)")
    try await connection.execute(
      """
      insert into invitations (id, token_hash, mailed_hash, organisation_id, email, role, actions, projects, servers, instances,
        invited_by, created_at, expires_at)
      values (\(invitation.id), \(hash), \(mailed), \(organisation), \(invitation.email), \(invitation.role.rawValue),
        \(grants.actionNames), \(grants.projects?.sortedList), \(grants.servers?.sortedList),
        \(grants.instances?.sortedList), \(invitation.invitedBy), \(invitation.createdAt), \(invitation.expiresAt))
      """)
  }

  /// Takes an invitation out. Returns the address that it was made for, nil where there was none.
  func delete(_ id: UUID, from organisation: UUID, _ connection: Connection) async throws -> String? {
    try await connection.query(
      "delete from invitations where id = \(id) and organisation_id = \(organisation) returning email"
    ).first?.get("email")
  }

  /// Gives the invitation with that token another link to be mailed. Returns it with the organisation's slug; nil where it is
  /// unknown or over.
  func renew(mailed: Data, of hash: Data, _ connection: some SQLRunner) async throws -> (Invitation, String)?
  {
    try await connection.query(
      """
      with renewed as (
        update invitations set mailed_hash = \(mailed) where token_hash = \(hash) and expires_at > now() returning *)
      select renewed.*, o.slug from renewed join organisations o on o.id = renewed.organisation_id
      """
    ).first.map { (try Invitation($0), try $0.get("slug")) }
  }

  /// Takes the invitation with that token out, unless it is over. Returns where it leads.
  func use(_ hash: Data, _ connection: Connection) async throws -> (UUID, String, Invitation)? {
    try await connection.query(
      """
      with used as (
        delete from invitations where (token_hash = \(hash) or mailed_hash = \(hash)) and expires_at > now() returning *)
      select used.*, o.slug from used join organisations o on o.id = used.organisation_id
      """
    ).first.map { (try $0.get("organisation_id"), try $0.get("slug"), try Invitation($0)) }
  }
}

extension Invitation {
  fileprivate init(_ row: Row) throws {
    self.init(
      id: try row.get("id"), email: try row.get("email"), role: try row.get("role"), grants: try Grants(row),
      invitedBy: try row.get("invited_by"), createdAt: try row.get("created_at"),
      expiresAt: try row.get("expires_at"))
  }
}
