import Foundation
import Mail
import Postgres

extension Hosting {
  /// How long after a password was chosen by a mailed link no link is mailed that turns a second factor off, in seconds.
  static let mailedPasswordRest: TimeInterval = 86_400

  /// Sends whoever has shown his password, and has lost what the code comes from, a link that turns his second factor off.
  ///
  /// Who only reads somebody's mail shall not get in: the link takes the password as well, and is not sent for a day after
  /// the password itself was chosen by mail. The person finds out meanwhile, since his own does not let him in any more.
  ///
  /// - Throws: `HostingError`: `unavailable` where messages cannot be sent; `conflict` within that day; `unauthenticated`
  ///   where `challenge` is unknown, used or over, or, with `retryAfter`, too many were asked for.
  public func requestSecondFactorOff(challenge: String, address: String) async throws {
    guard let mail = configuration.mail else {
      throw HostingError(
        .unavailable, "This installation sends no mail.",
        suggestion: "Ask who runs it to turn it off: odeumd admin second-factor-off")
    }
    let (person, email) = try await challenged(challenge)
    let rest = try await database.query(
      """
      select extract(epoch from password_mailed_at - now())::float8 + \(Self.mailedPasswordRest) as left
      from people where id = \(person)
      """
    ).first?.get("left", as: Double?.self)
    if let rest, rest > 0 {
      throw HostingError(
        .conflict, "Your password was chosen by a mailed link less than a day ago.",
        suggestion:
          "A link that turns the second factor off is mailed from \(Int((rest / 3600).rounded(.up))) hours from "
          + "now on: whoever reads your mail would need nothing else before. Use a recovery code, or ask who runs the "
          + "installation: odeumd admin second-factor-off")
    }
    try await SignInAttempts(keys: ["second factor from \(address)", "second factor of \(email)"]).count(
      database, tooMany: "Too many links that turn a second factor off were asked for.")
    let link = try await makeSignInLink(for: email, purpose: .secondFactorOff, lifetime: Self.resetLifetime)
    post.later { [self] in
      do {
        try await mail.mailer.send(
          Message(
            to: email, subject: "Turn off the second factor for Odeum",
            text: """
              Somebody who knows the password of \(email) asked to turn the second factor off. If that was you, do it within
              an hour; you will need the password once more:

              \(mail.consoleURL)/sign-in/link?token=\(link.reveal())

              If it was not, somebody has your password: sign in and change it. Your second factor stays on.

              """))
      } catch {
        logger.error("a link that turns a second factor off was not sent: \(error)")
      }
    }
  }

  /// Uses the link `token` up: its person's second factor is off from now on, and all his sessions end. He is told by mail.
  ///
  /// - Throws: `HostingError`: `unauthenticated` where the link is unknown, used or over, or there were too many failures;
  ///   `invalid` for a wrong password, in which case the link stays usable.
  public func turnSecondFactorOff(link token: String, password: String, address: String) async throws {
    guard let link = try await signInLink(token), link.purpose == .secondFactorOff else {
      throw HostingError.linkIsOver
    }
    var actor = try await person(link.email)
    (actor.door, actor.address) = (.console, address)
    try await requirePassword(password, of: actor)
    try await database.transaction { [actor] connection in
      _ = try await useUp(token, for: .secondFactorOff, connection)
      try await forgetSecondFactor(of: actor, connection)
      try await endSignIns(of: actor.userID, connection)
    }
    guard let mail = configuration.mail else { return }
    post.later { [self] in
      do {
        try await mail.mailer.send(
          Message(
            to: link.email, subject: "Your second factor for Odeum is off",
            text: """
              The second factor of \(link.email) was turned off by a link that was mailed to you, from \(address). All your
              sessions have ended. Sign in with your password, and set a second factor up again under Account, Security:

              \(mail.consoleURL)/account/security

              If it was not you, choose another password at once.

              """))
      } catch {
        logger.error("somebody was not told that his second factor is off: \(error)")
      }
    }
  }
}
