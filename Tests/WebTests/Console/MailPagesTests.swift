import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct MailPagesTests {
  private func visit(
    _ role: String = "owner", stage: Stage = .dev, _ body: @escaping @Sendable (Browser) async throws -> Void
  ) async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let owner = hosting.state.withLock { $0.people["owner@example.org"]! }
    _ = try await hosting.moveInstance("shop", to: stage, by: owner)
    try await browse(role, hosting, body)
  }

  @Test func `the inbox lists who, to whom, what and when, as text`() async throws {
    try await visit { browser in
      let page = try await browser.get("/instances/shop/mail").text
      #expect(page.contains("3 messages") && page.contains("Password reset"))
      #expect(page.contains("Norrland Foods &lt;shop@example.org&gt;"))
      #expect(page.contains("&lt;script&gt;alert(&#39;subject&#39;)") && !page.contains("<script>alert"))
      #expect(!page.contains("<b>\"Eve\""))
      #expect(page.contains("id=\"tab-mail\""))
    }
  }

  @Test func `markup in a header, a name or a subject is text on the page of a message`() async throws {
    try await visit { browser in
      let answer = try await browser.get("/instances/shop/mail/hostile")
      #expect(answer.text.contains("&lt;img src=x onerror=alert(&#39;header&#39;)&gt;"))
      for markup in [
        "<img src=x", "tracker.example.org", "<b>", "<script>", "onerror=\"", "<form action=\"https:",
      ] {
        #expect(!answer.text.contains(markup), "\(markup)")
      }
      let policy = try #require(answer.headers[.contentSecurityPolicy])
      #expect(policy.contains("frame-src 'self'") && policy.contains("frame-ancestors 'none'"))
      #expect(!policy.contains("unsafe"))
    }
  }

  @Test func `the HTML of a message is in a frame that may do nothing`() async throws {
    try await visit { browser in
      let page = try await browser.get("/instances/shop/mail/hostile").text
      let frame = try #require(page.firstMatch(of: /<iframe [^>]*>/)).0
      #expect(frame.contains(" sandbox src=\"/instances/shop/mail/hostile/body\""))
      #expect(!frame.contains("allow"))
      let body = try await browser.get("/instances/shop/mail/hostile/body")
      let nonce = try #require(body.text.firstMatch(of: /<style nonce="([0-9a-z]{30,})">@import/)).1
      #expect(body.text == MailStyles.moved(in: PlayedHosting.hostileHTML, nonce: String(nonce)))
      #expect(
        body.headers[.contentSecurityPolicy]
          == "sandbox; default-src 'none'; img-src data:; style-src 'nonce-\(nonce)'; base-uri 'none'; "
          + "form-action 'none'; frame-ancestors 'self'")
      #expect(!(try await browser.get("/instances/shop/mail/hostile/body")).text.contains(nonce))
      #expect(body.headers[.frameOptions] == "SAMEORIGIN")
      #expect(body.headers[.xContentTypeOptions] == "nosniff")
      #expect(body.headers[.referrerPolicy] == "no-referrer")
      #expect(body.headers[.cacheControl] == "no-store")
    }
  }

  private static let styled: [(html: String, moved: String?, rules: [String])] = [
    ("<p style=\"color: red\">a</p>", "<p data-odeum-style=\"0\">a</p>", ["color: red"]),
    (
      "<!DOCTYPE html>\n<TD Style='a:b' width=5 STYLE = c:d ><br style=\"a:b\"/>ß",
      "<!DOCTYPE html>\n<TD data-odeum-style=\"0\" width=5 data-odeum-style=\"1\" ><br data-odeum-style=\"0\"/>ß",
      ["a:b", "c:d"]
    ),
    (
      "<b style=\"font: &quot;A&amp;B&#39;\">", "<b data-odeum-style=\"0\">",
      ["font: \"A&B'"]
    ),
    // What would end the rule or its element is left out.
    ("<b style=\"a:b} body{c:d\" id=x>", "<b  id=x>", []),
    ("<b style=\"a:b</style><script>\" id=x>", "<b  id=x>", []),
    // What looks like a tag and is none.
    ("<!-- <p style=\"a:b\"> --><title><p style=\"a:b\"></TITLE >", nil, []),
    ("<p title='<b style=a:b>'>1 < 2 style=\"a:b\"", nil, []),
    // Broken off.
    ("<p style", nil, []), ("<p style=", "<p data-odeum-style=\"0\"", [""]),
    ("<p style=\"a:b", "<p data-odeum-style=\"0\"", ["a:b"]), ("<", nil, []), ("<p", nil, []),
    ("", nil, []),
    // Nonces are for us to give.
    ("<style nonce=\"x\" media=all>p{}</style>", "<style  media=all nonce=\"N\">p{}</style>", []),
    ("<p data-odeum-style=\"0\">", "<p >", []),
  ]

  @Test("styles in attributes become rules, and everything else stays as it is", arguments: styled)
  func styles(html: String, moved: String?, rules: [String]) {
    let appended = rules.enumerated().map {
      "<style nonce=\"N\">[data-odeum-style=\"\($0.offset)\"]:not(#_#_#_){\($0.element)}</style>"
    }
    #expect(MailStyles.moved(in: html, nonce: "N") == (moved ?? html) + appended.joined())
  }

  @Test func `what a message links to stands beside it, web pages only`() async throws {
    #expect(
      MailLinks.found(in: PlayedHosting.hostileHTML) == [
        "https://shop.example.org/my/orders?id=1&token=2", "https://evil.example.org/x.css",
        "https://evil.example.org/",
      ])
    #expect(
      MailLinks.found(in: "<a HREF = 'HTTP://a.example/'><a href='http:x'><a href=\"data:,x\">") == [
        "HTTP://a.example/"
      ])
    try await visit { browser in
      let page = try await browser.get("/instances/shop/mail/hostile").text
      #expect(
        page.contains(
          "href=\"https://shop.example.org/my/orders?id=1&amp;token=2\" target=\"_blank\" rel=\"noopener noreferrer\""
        ))
      #expect(!page.contains("javascript:"))
    }
  }

  @Test func `a file is saved under a harmless name and shown by no browser`() async throws {
    try await visit { browser in
      let file = try await browser.get("/instances/shop/mail/hostile/attachments/2")
      #expect(file.headers[.contentType] == "application/octet-stream")
      #expect(
        file.headers[.contentDisposition]
          == "attachment; filename=\"Set-Cookie_ odeum=x__ .sh\"; filename*=UTF-8''Set-Cookie_%20odeum%3Dx__%20.sh"
      )
      #expect(file.headers[.setCookie] == nil)
      #expect(file.headers[.contentSecurityPolicy]?.hasPrefix("sandbox; default-src 'none'") == true)
      let named = try await browser.get("/instances/shop/mail/hostile/attachments/3")
      #expect(
        named.headers[.contentDisposition]
          == "attachment; filename=\"Lieferschein _.pdf\"; filename*=UTF-8''Lieferschein%20%C3%84.pdf")
      for path in ["hostile/attachments/9", "nothing", "nothing/body", "hostile/attachments/..%2F..%2Fx"] {
        #expect(try await browser.get("/instances/shop/mail/\(path)").status == .notFound, "\(path)")
      }
    }
  }

  @Test func `an inbox is cleared after a question`() async throws {
    try await visit { browser in
      #expect(try await browser.get("/instances/shop/mail/clear").text.contains("cannot be brought back"))
      let answer = try await browser.post("/instances/shop/mail/clear", "")
      #expect(answer.headers[.location] == "/instances/shop/mail")
      #expect(try await browser.get("/instances/shop/mail").text.contains("No mail yet"))
    }
  }

  @Test func `who may not sign in as a user of Odoo reads none of its mail`() async throws {
    try await visit("viewer") { browser in
      let page = try await browser.get("/instances/shop").text
      #expect(!page.contains("/mail\""))
      for path in ["", "/hostile", "/hostile/body", "/hostile/attachments/2", "/clear"] {
        #expect(try await browser.get("/instances/shop/mail\(path)").status == .forbidden, "\(path)")
      }
      #expect(try await browser.post("/instances/shop/mail/clear", "").status == .forbidden)
    }
  }

  @Test func `production has no tab for mail, and its page says why it has none`() async throws {
    try await visit(stage: .production) { browser in
      let page = try await browser.get("/instances/shop").text
      #expect(!page.contains("id=\"tab-mail\""))
      #expect(try await browser.get("/instances/shop/mail").text.contains("nothing catches it"))
    }
  }
}
