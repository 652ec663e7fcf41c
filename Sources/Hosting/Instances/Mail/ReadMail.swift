import Foundation

/// What a mail catcher holds, a page of it.
public struct Inbox: Sendable {
  /// The messages, newest first.
  public var messages: Page<MailSummary>
  /// How many there are in all.
  public var total: Int
}

// Whoever reads the mail of an instance can ask Odoo for a new password and follow the link: that is to sign in as any of
// its users, so it takes the same permission.
extension Hosting {
  /// The mail that the catcher of an instance holds, newest first.
  ///
  /// - Throws: `HostingError`: `forbidden`, `notFound`; `conflict` where nothing catches its mail; `unavailable` where
  ///   the catcher does not answer.
  public func mail(of reference: String, page: PageRequest, by actor: Actor) async throws -> Inbox {
    let (instance, runtime) = try await catcher(of: reference, by: actor)
    guard let start = Int(page.cursor ?? "0"), (0...1_000_000).contains(start) else {
      throw HostingError.invalid([.init("cursor", "“\(page.cursor ?? "")” is no cursor of this list.")])
    }
    let list = try await runtime.ask(
      .list(start: start, limit: page.limit + 1), catcherOf: instance, as: MailpitList.self)
    return Inbox(
      messages: Page(list.messages, limit: page.limit) { _ in String(start + page.limit) }, total: list.total)
  }

  /// One message that the catcher of an instance holds.
  ///
  /// - Throws: as `mail(of:page:by:)`; `notFound` also where there is no such message.
  public func mail(_ id: String, of reference: String, by actor: Actor) async throws -> CaughtMail {
    let (instance, runtime) = try await catcher(of: reference, by: actor)
    let message = try await runtime.ask(
      .message(try MailpitQuestion.checked(message: id)), catcherOf: instance, as: MailpitMessage.self)
    let headers = try await runtime.ask(.headers(id), catcherOf: instance, as: [String: [String]].self)
    return message.mail(headers: MailpitHeaders.list(headers))
  }

  /// A file in a message.
  ///
  /// - Throws: as `mail(_:of:by:)`; `invalid` where the file is larger than 32 MB.
  public func mailAttachment(
    _ part: String, in id: String, of reference: String, by actor: Actor
  ) async throws -> MailFile {
    let (instance, runtime) = try await catcher(of: reference, by: actor)
    let message = try await runtime.ask(
      .message(try MailpitQuestion.checked(message: id)), catcherOf: instance, as: MailpitMessage.self)
    guard let attachment = message.mail(headers: []).attachments.first(where: { $0.id == part }) else {
      throw HostingError.notFound("attachment", part)
    }
    guard attachment.size <= MailpitQuestion.largestPart else {
      throw HostingError(
        .invalid, "\(attachment.fileName) has more than \(MailpitQuestion.largestPart >> 20) MB.",
        suggestion: "Take it from Odoo itself; so large a file is not sent on.")
    }
    let question = MailpitQuestion.part(message: id, part: try MailpitQuestion.checked(part: part))
    return MailFile(
      name: attachment.fileName, bytes: try await runtime.ask(question, catcherOf: instance))
  }

  /// Throws away everything that the catcher of an instance holds.
  ///
  /// - Throws: as `mail(of:page:by:)`.
  public func clearMail(of reference: String, by actor: Actor) async throws {
    let (instance, runtime) = try await catcher(of: reference, by: actor)
    // Noted first: nothing is to be thrown away that nobody is told of.
    try await note(.clearMail, .instance(instance), by: actor, atOnce)
    _ = try await runtime.ask(.clear, catcherOf: instance)
  }

  /// The instance, and the runtime through which its catcher is asked.
  private func catcher(of reference: String, by actor: Actor) async throws -> (Instance, DockerRuntime) {
    try actor.require(.connectAsUsers)
    let instance = try await instance(reference, by: actor)
    guard configuration.mailCatcherImage != nil else {
      throw HostingError(
        .conflict, "This installation has no mail catchers.",
        suggestion: "Who runs it sets ODEUM_MAIL_CATCHER_IMAGE; a hard restart then brings one.")
    }
    guard instance.circumstancesInEffect.stage != .production else {
      throw HostingError(
        .conflict, "\(instance.name) is in production: its mail goes out, and nothing catches it.",
        suggestion: "Look at the mail of an instance on another stage.")
    }
    return (instance, await fleet.looking(at: instance.server))
  }
}
