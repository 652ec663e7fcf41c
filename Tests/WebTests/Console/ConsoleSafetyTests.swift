import Foundation
import HTTPTypes
import Hosting
import Hummingbird
import HummingbirdTesting
import Remote
import Testing

@testable import Web

@Suite struct ConsoleSafetyTests {
  @Test func `no GET changes anything`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let job = hosting.state.withLock { $0.operations[0].id }
    _ = try await hosting.createToken(
      name: "laptop", expiresAt: nil, by: hosting.state.withLock { $0.people["owner@example.org"]! })
    let token = hosting.state.withLock { $0.tokens[0].id }
    hosting.find()
    let member = hosting.state.withLock { $0.members[1].person }
    let stray = hosting.state.withLock { $0.strays[0].id }
    let before = hosting.state.withLock { $0.changes }
    let routes = try WebServer.console(hosting).routes.filter {
      $0.method == .get && !$0.path.hasSuffix("/events")
    }
    try await browse("owner", hosting) { browser in
      for route in routes {
        let inside = route.path.replacing("/o/{organisation}", with: "")
        let id =
          switch inside.split(separator: "/").first {
          case "jobs": job
          case "people": member
          case "strays": stray
          default: token
          }
        let name = inside.hasPrefix("/servers") ? "local" : "shop"
        let path = route.path.replacing("{name}", with: name).replacing("{id}", with: id.uuidString)
          .replacing("{organisation}", with: "acme").replacing("{slug}", with: "acme")
          .replacing("{message}", with: "hostile").replacing("{part}", with: "2")
        let status = try await browser.get(path + "?token=choose").status
        #expect(status.code < 400, "\(path)")
      }
    }
    #expect(hosting.state.withLock { $0.changes } == before)
    #expect(hosting.state.withLock { $0.links["choose"] } == .setPassword)
  }

  @Test func `no form does anything when another site sends it`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let before = hosting.state.withLock { $0.changes }
    let routes = try WebServer.console(hosting).routes.filter { $0.method == .post }
    try await browse("owner", hosting) { browser in
      for route in routes {
        let path = route.path.replacing("{name}", with: "shop").replacing("{id}", with: UUID().uuidString)
          .replacing("{organisation}", with: "acme").replacing("{slug}", with: "acme")
          .replacing("{message}", with: "hostile").replacing("{part}", with: "2")
        for site in ["cross-site", "same-site", nil] {
          let form = "name=x&confirm=shop&mode=soft&token=choose"
          let answer = try await browser.post(path, form, site: site)
          #expect(answer.status == .forbidden, "\(path)")
        }
      }
    }
    #expect(hosting.state.withLock { $0.changes } == before)
  }

  @Test func `a viewer is offered nothing that he may not do, and is refused it`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("viewer", hosting) { browser in
      let page = try await browser.get("/instances/shop").text
      for action in ["restart", "stop", "remove"] { #expect(!page.contains("/instances/shop/\(action)\"")) }
      #expect(!page.contains("/instances/shop/logs"))
      #expect(try await browser.get("/instances").text.contains("does not allow creating instances"))
      for path in [
        "/instances/shop/stop", "/instances/shop/remove", "/instances", "/instances/shop/settings",
      ] {
        #expect(try await browser.post(path, "confirm=shop").status == .forbidden)
      }
      #expect(try await browser.get("/instances/shop/logs").status == .forbidden)
      let settings = try await browser.get("/instances/shop/settings").text
      #expect(settings.contains("cannot change them") && settings.contains("<fieldset disabled>"))
    }
  }

  @Test func `hostile lines and reasons are shown as text`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await made(hosting, "shop-fails")
    try await browse("owner", hosting) { browser in
      let log = try await browser.get("/instances/shop/logs").text
      #expect(log.contains("&lt;script&gt;alert(&quot;log&quot;)") && !log.contains("<script>alert"))
      for path in ["/instances/shop-fails", "/instances", "/jobs", "/instances/shop-fails/queue"] {
        let page = try await browser.get(path).text
        #expect(
          page.contains("&lt;script&gt;alert(&#39;reason&#39;)") && !page.contains("<script>alert"), "\(path)"
        )
      }
      let file = try await browser.get("/instances/shop/logs.txt")
      #expect(file.headers[.contentType] == "text/plain; charset=utf-8")
      #expect(file.headers[.contentDisposition] == "attachment; filename=\"shop-odoo.txt\"")
      #expect(file.text.split(separator: "\n").count == 40)
    }
  }

  @Test func `pages forbid everything that is not theirs, and are kept nowhere`() async throws {
    try await browse { browser in
      let page = try await browser.get("/instances")
      let policy = try #require(page.headers[.contentSecurityPolicy])
      #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
      #expect(!policy.contains("unsafe"))
      #expect(page.headers[.cacheControl] == "no-store")
    }
  }

  @Test(arguments: [true, false])
  func `behind a proxy, forms are taken from where it says that the console is, and links lead there`(
    isTrusted: Bool
  ) async throws {
    let hosting = PlayedHosting()
    var configuration = WebConfiguration()
    if isTrusted { configuration.trustedProxies = [try #require(AddressRange("10.0.0.0/8"))] }
    let outside = "https://odeum.example.com"
    try await browse("owner", hosting, configuration: configuration) { browser in
      func invite(_ name: String, _ headers: HTTPFields) async throws -> TestResponse {
        var headers = headers
        headers[.cookie] = "odeum=owner"
        headers[.contentType] = "application/x-www-form-urlencoded"
        headers[.forwardedHost] = "odeum.example.com"
        headers[.forwardedProto] = "https"
        return try await browser.client.execute(
          uri: "/people/invitations", method: .post, headers: headers,
          body: ByteBuffer(string: "key=\(name)&email=\(name)%40example.org&role=viewer"))
      }
      let proxied = try await invite("ada", [.origin: outside])
      #expect(proxied.status == (isTrusted ? .ok : .forbidden))
      let other = try await invite("eve", [.origin: "https://evil.example"])
      #expect(other.status == .forbidden)
      let link = try await invite("bob", [.secFetchSite: "same-origin"])
      #expect(link.status == .ok)
      #expect(link.text.contains("value=\"\(outside)/invitation?token=") == isTrusted)
      #expect(link.text.contains("odeum.example.com") == isTrusted)
      #expect(proxied.text.contains("value=\"\(outside)/invitation?token=") == isTrusted)
    }
    #expect(
      hosting.state.withLock { $0.invitations.map(\.email).sorted() }
        == (isTrusted ? ["ada", "bob"] : ["bob"]).map { "\($0)@example.org" })
  }
}
