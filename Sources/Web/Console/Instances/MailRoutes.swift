import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addMailRoutes(to routes: Routes) {
    let routes = routes.under("/instances/{name}/mail")
    routes.get("", .permission(.connectAsUsers)) { request, context in
      try await inbox(request, context)
    }
    routes.get("/clear", .permission(.connectAsUsers)) { request, context in
      let instance = try await hosting.instance(context.parameter("name"), by: context.actor)
      let page = AskPage.clearMail(instance)
      return try answer(page, page.heading, section: .instances, narrow: true, request, context)
    }
    routes.post("/clear", .permission(.connectAsUsers)) { request, context in
      let name = try context.parameter("name")
      return try await saying(at: "/instances/\(name.inAddress)/mail") {
        try await hosting.clearMail(of: name, by: context.actor)
        return "The inbox of \(name) is empty."
      }
    }
    routes.get("/{message}", .permission(.connectAsUsers)) { request, context in
      try await message(request, context)
    }
    routes.get("/{message}/body", .permission(.connectAsUsers)) { request, context in
      let mail = try await hosting.mail(
        context.parameter("message"), of: context.parameter("name"), by: context.actor)
      return .mailBody(mail.html)
    }
    routes.get("/{message}/attachments/{part}", .permission(.connectAsUsers)) { request, context in
      let file = try await hosting.mailAttachment(
        context.parameter("part"), in: context.parameter("message"), of: context.parameter("name"),
        by: context.actor)
      return .file(file.name, file.bytes)
    }
  }

  private func inbox(_ request: Request, _ context: WebContext) async throws -> Response {
    let actor = try context.actor
    let instance = try await hosting.instance(context.parameter("name"), by: actor)
    let here = "\(instance.path)/mail"
    let cursor = request.query("cursor")
    var page = MailPage(header: try await header(of: instance, .mail, request, actor), refresh: here)
    do {
      let inbox = try await hosting.mail(
        of: instance.id.uuidString, page: PageRequest(limit: 30, cursor: cursor.isEmpty ? nil : cursor),
        by: actor)
      page.messages = inbox.messages.items.map { MailPage.Row($0, below: here) }
      page.shown = countText(inbox.total, "message")
      page.first = cursor.isEmpty ? nil : here
      page.next = inbox.messages.nextCursor.map { "\(here)?cursor=\($0.inAddress)" }
      if inbox.total > 0 {
        page.clear = ActionView(
          id: "clear", label: "Clear", icon: "trash", style: "danger", href: "\(here)/clear", dialog: true)
      }
    } catch let error as HostingError where [.unavailable, .conflict].contains(error.code) {
      page.unavailable = FormState(error: error).problem()
    }
    return try answer(
      page, "\(instance.name): mail", section: .instances, events: "/events?instance=\(instance.id)", request,
      context)
  }

  private func message(_ request: Request, _ context: WebContext) async throws -> Response {
    let actor = try context.actor
    let instance = try await hosting.instance(context.parameter("name"), by: actor)
    let mail = try await hosting.mail(
      context.parameter("message"), of: instance.id.uuidString, by: actor)
    let page = MailMessagePage(
      mail, header: try await header(of: instance, .mail, request, actor), below: "\(instance.path)/mail")
    var response = try answer(
      page, "\(instance.name): mail", section: .instances, events: "/events?instance=\(instance.id)", request,
      context)
    // The one page with a frame in it, and that frame is of this console; a link in a mail leads it nowhere.
    response.headers[.contentSecurityPolicy] = SecurityHeaders.pagePolicy + "; frame-src 'self'"
    return response
  }
}

extension Response {
  /// A file that somebody else made, to be saved and never shown.
  ///
  /// - Parameter name: a safe name: see `SafeFileName`.
  static func file(_ name: String, _ bytes: [UInt8]) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "application/octet-stream", .contentDisposition: ContentDisposition.attachment(name),
        .contentSecurityPolicy: "sandbox; default-src 'none'; frame-ancestors 'none'",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

/// The header of that name (RFC 6266).
enum ContentDisposition {
  /// A file to be saved as `name`, which is safe: the plain form for old programs, then the name in UTF-8.
  static func attachment(_ name: String) -> String {
    let plain = String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          let isPlain = scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7f
          return isPlain && scalar != "\"" && scalar != "\\" ? scalar : "_"
        }))
    return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(name.inAddress)"
  }
}

extension MailPage.Row {
  init(_ mail: MailSummary, below path: String) {
    self.init(
      href: "\(path)/\(mail.id.inAddress)", subject: mail.subject.isEmpty ? "(no subject)" : mail.subject,
      from: mail.from?.text ?? "nobody", to: mail.to.map(\.text).joined(separator: ", "),
      received: Moment(mail.receivedAt),
      files: mail.attachments == 0 ? nil : countText(mail.attachments, "file"))
  }
}

extension MailMessagePage {
  init(_ mail: CaughtMail, header: InstanceHeader, below path: String) {
    let here = "\(path)/\(mail.id.inAddress)"
    func people(_ people: [MailAddress]) -> String? {
      people.isEmpty ? nil : people.map(\.text).joined(separator: ", ")
    }
    let facts: [(String, String?)] = [
      ("From", mail.from?.text), ("To", people(mail.to)), ("Copy", people(mail.cc)),
      ("Hidden copy", people(mail.bcc)), ("Sent", Moment(mail.date).full),
    ]
    self.init(
      header: header, subject: mail.subject.isEmpty ? "(no subject)" : mail.subject,
      facts: facts.compactMap { label, value in value.map { FactView(label: label, value: $0) } }, back: path,
      bodyHref: mail.html.isEmpty ? nil : "\(here)/body", text: mail.text.isEmpty ? nil : mail.text,
      links: MailLinks.found(in: mail.html),
      files: mail.attachments.map {
        File(
          name: $0.fileName, size: Self.size($0.size), href: "\(here)/attachments/\($0.id.inAddress)")
      }, headers: mail.headers.map { FactView(label: $0.name, value: $0.value, mono: true) })
  }

  private static func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1000: "\(bytes) bytes"
    case ..<1_000_000: "\((bytes + 500) / 1000) kB"
    default: String(format: "%.1f MB", Double(bytes) / 1_000_000)
    }
  }
}

/// The addresses of web pages that a mail links to, shown beside it: in its frame a link leads nowhere.
enum MailLinks {
  /// Each once, in order, at most forty; none but `http` and `https`.
  static func found(in html: String) -> [String] {
    var found: [String] = []
    for match in html.matches(of: /href\s*=\s*("[^"]{1,2000}"|'[^']{1,2000}')/.ignoresCase()) {
      let address = match.1.dropFirst().dropLast().replacing("&amp;", with: "&")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let scheme = address.prefix { $0 != ":" }.lowercased()
      guard ["http", "https"].contains(scheme), address.contains("://"),
        address.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }), !found.contains(address)
      else { continue }
      found.append(address)
      if found.count == 40 { break }
    }
    return found
  }
}

extension AskPage {
  static func clearMail(_ instance: Instance) -> AskPage {
    let back = "\(instance.path)/mail"
    var page = AskPage(
      crumbs: [
        LinkView(label: "Instances", href: "/instances"),
        LinkView(label: instance.name.text, href: instance.path), LinkView(label: "Mail", href: back),
      ], heading: "Clear the inbox of \(instance.name)", action: "\(back)/clear", button: "Clear", back: back)
    page.text = "Every caught message is deleted, and cannot be brought back."
    page.style = "danger-solid"
    return page
  }
}
