import Foundation
import Postgres
import Remote

/// A link that signs a person in once.
public struct SignInLink: Sendable {
  /// What the link is for.
  public enum Purpose: String, Sendable, Codable {
    /// The person chooses a password with it.
    case setPassword
    /// The person is signed in by it, without a password.
    case signIn
    /// The person chooses a password with it and signs in afterwards: it was mailed to him.
    case resetPassword
    /// The person turns his second factor off with it, and his password: it was mailed to him.
    case secondFactorOff
  }

  /// The person's address.
  public var email: String
  /// What the link is for.
  public var purpose: Purpose
  /// When it ends unused.
  public var expiresAt: Date
}

extension Hosting {
  /// Makes a link for the person with the address `email`; links made before for the same purpose end.
  ///
  /// This is for the operator at the machine: no permission is asked.
  ///
  /// - Returns: the secret part of the link.
  /// - Throws: `HostingError` with code `notFound` where nobody has that address.
  public func makeSignInLink(for email: String, purpose: SignInLink.Purpose, lifetime: Duration) async throws
    -> Secret
  {
    let person = try await person(email)
    let token = BearerToken()
    try await database.transaction { connection in
      try await connection.execute(
        "delete from sign_in_links where person_id = \(person.userID) and purpose = \(purpose.rawValue)")
      try await connection.execute(
        """
        insert into sign_in_links (token_hash, person_id, purpose, expires_at)
        values (\(token.hash), \(person.userID), \(purpose.rawValue),
          now() + make_interval(secs => \(Double(lifetime.components.seconds))))
        """)
      // Of one that was mailed the log tells once it was used.
      if [.setPassword, .signIn].contains(purpose) {
        try await note(.makeLink, .person(person), after: ["purpose": purpose], by: person, connection)
      }
    }
    return token.secret
  }

  /// Uses the link `token` up; the person whose it was.
  ///
  /// - Throws: `HostingError` with code `unauthenticated` where it is unknown, used, over, or for something else.
  func useUp(_ token: String, for purpose: SignInLink.Purpose, _ connection: Connection) async throws -> UUID
  {
    let used = try await connection.query(
      """
      delete from sign_in_links where token_hash = \(BearerToken.hash(of: token)) and expires_at > now()
        and purpose = \(purpose.rawValue)
      returning person_id
      """)
    guard let person: UUID = try used.first?.get("person_id") else { throw HostingError.linkIsOver }
    return person
  }

  /// What the link `token` is for, without using it up; nil where it is unknown, used or over.
  public func signInLink(_ token: String) async throws -> SignInLink? {
    try await database.query(
      """
      select p.email, l.purpose, l.expires_at from sign_in_links l join people p on p.id = l.person_id
      where l.token_hash = \(BearerToken.hash(of: token)) and l.expires_at > now()
      """
    ).first.map {
      SignInLink(
        email: try $0.get("email"), purpose: try $0.get("purpose"), expiresAt: try $0.get("expires_at"))
    }
  }

  /// Uses the link `token` up and signs its person in. Where the link is for a password, `newPassword`
  /// becomes it and the person's other sessions end.
  ///
  /// - Throws: `HostingError`: `unauthenticated` where the link is unknown, used or over; `invalid` where the
  ///   password is missing or too short, in which case the link stays usable; `forbidden` for who belongs to no
  ///   organisation, whose password stays as it is.
  public func useSignInLink(
    _ token: String, newPassword: String?, address: String, userAgent: String
  ) async throws -> SignedIn {
    guard let link = try await signInLink(token), [.setPassword, .signIn].contains(link.purpose) else {
      throw HostingError.linkIsOver
    }
    var hash: String?
    if link.purpose == .setPassword {
      hash = try await passwords.hash(Self.checked(password: newPassword))
    }
    let person = try await database.transaction { connection in
      let person = try await useUp(token, for: link.purpose, connection)
      if let hash {
        try await endSignIns(of: person, connection)
        guard try await setPassword(hash, of: person, byMail: false, address: address, connection) else {
          throw HostingError.noMember
        }
      }
      return person
    }
    return try await openSession(for: person, address: address, userAgent: userAgent)
  }

  /// The password, if it is one that people may have: 8 to 200 characters, and none that everybody tries
  /// first.
  ///
  /// - Parameter field: what a refusal calls it.
  static func checked(password: String?, field: String = "password") throws -> String {
    guard let password, password.count >= 8 else {
      throw HostingError.invalid([
        .init(field, "A password has at least 8 characters; longer is better.")
      ])
    }
    guard password.count <= 200 else {
      throw HostingError.invalid([.init(field, "A password has at most 200 characters.")])
    }
    let common: Set = [
      "password", "12345678", "123456789", "1234567890", "qwertyuiop", "password1", "password123", "iloveyou",
      "administrator", "letmein1", "welcome1", "changeme", "odeum123", "adminadmin", "11111111", "00000000",
    ]
    guard !common.contains(password.lowercased()) else {
      throw HostingError.invalid([
        .init(field, "This password is among the first that anybody would try.")
      ])
    }
    return password
  }
}

extension HostingError {
  static var noMember: HostingError {
    HostingError(
      .forbidden, "You are no member of any organisation.", suggestion: "Ask an owner to invite you.")
  }

  /// A link that cannot be used any more, or never could.
  static var linkIsOver: HostingError {
    HostingError(
      .unauthenticated, "This link was used already or is over.",
      suggestion:
        "Ask for a new one, or make one on the machine where the control plane runs: odeumd admin link")
  }
}
