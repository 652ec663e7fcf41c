import Mail

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
  /// Sends the link of an invitation to the person that it is for.
  func mail(_ created: CreatedInvitation, to organisation: String) async throws -> InvitationMail {
    guard let mail = configuration.mail else { return .off }
    let invitation = created.invitation
    let message = Message(
      to: invitation.email, subject: "\(organisation) invites you to Odeum",
      text: """
        \(invitation.invitedBy) invites you to join \(organisation) on Odeum as \(invitation.role.rawValue).

        Accept within seven days:

        \(mail.consoleURL)/invitation?token=\(created.secret.reveal())

        If you do not know \(invitation.invitedBy), let this message be: nothing happens.

        """)
    do {
      try await mail.mailer.send(message)
      return .sent
    } catch let error as MailError {
      logger.error("an invitation was not mailed: \(error)")
      return .failed(error.description)
    }
  }
}
