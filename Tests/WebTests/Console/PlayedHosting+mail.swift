import Foundation

@testable import Hosting
@testable import Web

/// Every instance that is not in production has sent the same messages, until its inbox is cleared.
extension PlayedHosting {
  static let hostileHTML = """
    <p>Hello <b>Anna</b>,</p><p style="color: #7a1f5c">your order is on its way.</p>
    <style>@import url(https://evil.example.org/y.css); b { font-style: italic; background: url(https://tracker.example.org/b) }</style>
    <script>parent.document.title = "taken"; fetch("/instances")</script>
    <img src="https://tracker.example.org/pixel.gif" onerror="alert(1)"><img src="x" onerror="parent.alert(1)">
    <a href="https://shop.example.org/my/orders?id=1&amp;token=2">Look at it</a>
    <a href="javascript:alert(1)">or here</a><a href="//evil.example.org/">there</a>
    <form action="https://evil.example.org/"><input name="password"><button>Sign in</button></form>
    <meta http-equiv="refresh" content="0; url=https://evil.example.org/">
    <link rel="stylesheet" href="https://evil.example.org/x.css"><base href="https://evil.example.org/">
    """

  private static func caught() -> [CaughtMail] {
    let shop = MailAddress(name: "Norrland Foods", address: "shop@example.org")
    let anna = MailAddress(name: "Anna Berg", address: "anna@example.org")
    var hostile = CaughtMail(
      id: "hostile", from: MailAddress(name: "<b>\"Eve\"</b>", address: "eve@example.org"), to: [anna],
      subject: "<script>alert('subject')</script>", date: Date() - 3600, size: 4310,
      headers: [
        .init(name: "X-Markup", value: "<img src=x onerror=alert('header')>"),
        .init(name: "Message-ID", value: "<1@example.org>"),
      ], text: "Hello Anna,\n\nyour order is on its way.", html: hostileHTML,
      attachments: [
        .init(
          id: "2", fileName: SafeFileName.of("../../\r\nSet-Cookie: odeum=x\"; .sh"),
          contentType: "text/html", size: 21),
        .init(
          id: "3", fileName: SafeFileName.of("Lieferschein Ä.pdf"), contentType: "application/pdf",
          size: 48_211),
      ])
    hostile.cc = [MailAddress(name: "", address: "sales@example.org")]
    return [
      CaughtMail(
        id: "reset", from: shop, to: [anna], subject: "Password reset", date: Date() - 120, size: 1201,
        headers: [.init(name: "Subject", value: "Password reset")],
        text: "Somebody asked for a new password.", html: "", attachments: []),
      hostile,
      CaughtMail(
        id: "order", from: shop, to: [anna], subject: "Your order S00042 is confirmed", date: Date() - 7200,
        size: 2310, headers: [], text: "", html: "<h1>Thank you</h1>", attachments: []),
    ]
  }

  private func messages(of reference: String, by actor: Actor) async throws -> [CaughtMail] {
    try actor.require(.connectAsUsers)
    let instance = try await instance(reference, by: actor)
    guard instance.stage != .production else {
      throw HostingError(
        .conflict, "\(instance.name) is in production: its mail goes out, and nothing catches it.")
    }
    guard instance.name.text != "mailless" else {
      throw HostingError(
        .conflict, "mailless has no mail catcher on local yet.", suggestion: "A hard restart brings one.")
    }
    return state.withLock { $0.clearedInboxes.contains(instance.id) } ? [] : Self.caught()
  }

  func mail(of reference: String, page: PageRequest, by actor: Actor) async throws -> Inbox {
    let messages = try await messages(of: reference, by: actor).map {
      MailSummary(
        id: $0.id, from: $0.from, to: $0.to, subject: $0.subject, receivedAt: $0.date, size: $0.size,
        attachments: $0.attachments.count)
    }
    return Inbox(messages: Page(messages, limit: page.limit, cursor: \.id), total: messages.count)
  }

  func mail(_ id: String, of reference: String, by actor: Actor) async throws -> CaughtMail {
    guard let mail = try await messages(of: reference, by: actor).first(where: { $0.id == id }) else {
      throw HostingError.notFound("message", id)
    }
    return mail
  }

  func mailAttachment(
    _ part: String, in id: String, of reference: String, by actor: Actor
  ) async throws -> MailFile {
    let mail = try await mail(id, of: reference, by: actor)
    guard let file = mail.attachments.first(where: { $0.id == part }) else {
      throw HostingError.notFound("attachment", part)
    }
    return MailFile(name: file.fileName, bytes: Array("<script>1</script>".utf8))
  }

  func clearMail(of reference: String, by actor: Actor) async throws {
    _ = try await messages(of: reference, by: actor)
    let id = try await instance(reference, by: actor).id
    change(.instance(id)) { state in _ = state.clearedInboxes.insert(id) }
  }
}
