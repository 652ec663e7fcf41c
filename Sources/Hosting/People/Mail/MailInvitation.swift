import Mail
import Remote

/// What came of sending an invitation.
public enum InvitationMail: Sendable, Equatable {
  /// Messages are not sent here; the link is for whoever invites to send.
  case off
  /// The mail server has taken it.
  case sent
  /// It was not sent, and why. The invitation holds all the same.
  case failed(String)
}

extension Hosting {
  /// Mails whoever an invitation is for a link that shows that the address is his, to be asked for by whoever holds another
  /// link of it. One that was mailed before ends.
  ///
  /// - Throws: `HostingError`: `unauthenticated` where the link is unknown, used or over, or, with `retryAfter`, where it was
  ///   asked for too often; `unavailable` where the message is not sent.
  public func mailInvitation(_ token: String, address: String) async throws {
    let mailed = BearerToken()
    guard let open = try await openInvitation(token) else { throw HostingError.invitationGone }
    let asked = SignInAttempts(keys: ["invitation of \(open.email)", "invitation from \(address)"])
    try await asked.count(database, tooMany: "That link was asked for too often.")
    guard
      let (invitation, organisation) = try await InvitationStore().renew(
        mailed: mailed.hash, of: BearerToken.hash(of: token), database)
    else { throw HostingError.invitationGone }
    switch await mail(invitation, mailed.secret, to: organisation) {
    case .sent: return
    case .off:
      throw HostingError(
        .unavailable, "This installation sends no mail.", suggestion: "Load the link again: it needs none.")
    case .failed(let reason):
      throw HostingError(
        .unavailable, "The message was not sent: \(reason)",
        suggestion: "Tell whoever runs this installation.")
    }
  }

  /// Sends the link with that secret part to the person that the invitation is for.
  func mail(_ invitation: Invitation, _ secret: Secret, to organisation: String) async -> InvitationMail {
    guard let mail = configuration.mail else { return .off }
    let message = Message(
      to: invitation.email, subject: "\(organisation) invites you to Odeum",
      text: """
        \(invitation.invitedBy) invites you to join \(organisation) on Odeum as \(invitation.role.rawValue).

        Accept within seven days:

        \(mail.consoleURL)/invitation?token=\(secret.reveal())

        If you do not know \(invitation.invitedBy), let this message be: nothing happens.

        """)
    do {
      try await mail.mailer.send(message)
      return .sent
    } catch {
      logger.error("an invitation was not mailed: \(error)")
      return .failed("\(error)")
    }
  }
}
