import Foundation
import Mail
import Postgres

extension Hosting {
  /// How long a link for a new password is good.
  static let resetLifetime = Duration.seconds(3600)

  /// Sends whoever has the address `email` a link with which he chooses a new password. Nothing tells whether there is
  /// such a person.
  ///
  /// - Throws: `HostingError`: `unavailable` where messages cannot be sent; `unauthenticated` with `retryAfter` where
  ///   too many were asked for from the IP address `address`.
  public func requestNewPassword(for email: String, address: String) async throws {
    guard let mail = configuration.mail else {
      throw HostingError(
        .unavailable, "This installation sends no mail.",
        suggestion: "Ask who runs it for a link: odeumd admin link")
    }
    let asked = SignInAttempts(keys: ["new password from \(address)"])
    try await asked.count(
      database, tooMany: "Too many links for new passwords were asked for from your address.")
    let email = email.trimmingCharacters(in: .whitespaces).lowercased()
    guard Mailer.isAddress(email) else { return }
    post.later { [self] in
      do {
        try await sendNewPasswordLink(to: email, through: mail)
      } catch {
        logger.error("a link for a new password was not sent: \(error)")
      }
    }
  }

  private func sendNewPasswordLink(to email: String, through mail: MailConfiguration) async throws {
    let asked = SignInAttempts(keys: ["new password for \(email)"])
    do {
      try await asked.count(database)
    } catch let error as HostingError where error.code == .unauthenticated {
      // He has several already: nobody can fill his inbox.
      return
    }
    let secret: String
    do {
      secret = try await makeSignInLink(for: email, purpose: .resetPassword, lifetime: Self.resetLifetime)
        .reveal()
    } catch let error as HostingError where error.code == .notFound {
      return
    }
    try await mail.mailer.send(
      Message(
        to: email, subject: "A new password for Odeum",
        text: """
          Somebody asked for a new password for \(email). If that was you, choose it within an hour:

          \(mail.consoleURL)/sign-in/link?token=\(secret)

          If it was not, let this message be: your password stays as it is.

          """))
  }

  /// Uses the link `token` up: `newPassword` becomes its person's password, and all his sessions end. He is not signed
  /// in, since his second factor was not asked for.
  ///
  /// - Throws: `HostingError`: `unauthenticated` where the link is unknown, used or over; `invalid` for a poor password,
  ///   in which case the link stays usable.
  public func resetPassword(_ token: String, newPassword: String, address: String) async throws {
    let hash = try await passwords.hash(Self.checked(password: newPassword))
    try await database.transaction { connection in
      let person = try await useUp(token, for: .resetPassword, connection)
      try await endSignIns(of: person, connection)
      // One that was sent for the former password: with it, mail alone would let in.
      try await connection.execute(
        """
        delete from sign_in_links where person_id = \(person)
          and purpose = \(SignInLink.Purpose.secondFactorOff.rawValue)
        """)
      try await setPassword(hash, of: person, byMail: true, address: address, connection)
    }
  }

  /// Makes `hash` the password of a person, who shows who he is by a link.
  ///
  /// - Parameter byMail: whether the link came by mail.
  /// - Returns: whether it is noted. A person who belongs nowhere has no organisation in whose log that would stand.
  @discardableResult
  func setPassword(
    _ hash: String, of person: UUID, byMail: Bool, address: String, _ connection: Connection
  ) async throws -> Bool {
    let row = try await connection.query(
      """
      with changed as (
        update people set password_hash = \(hash), password_mailed_at = case when \(byMail) then now() end
        where id = \(person) returning *)
      select \(Self.actorColumns) from changed p join memberships m on m.person_id = p.id
        join organisations o on o.id = m.organisation_id
      order by m.created_at, o.slug limit 1
      """
    ).first
    guard let row else { return false }
    var actor = try Self.actor(row, door: .console)
    actor.address = address
    try await connection.execute("delete from sign_in_failures where key = \("person " + actor.email)")
    try await note(.setPassword, .person(actor), by: actor, connection)
    return true
  }
}
