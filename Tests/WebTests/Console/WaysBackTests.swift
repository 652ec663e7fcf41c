import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

/// Where a person gets to who goes back to an address, or loads it again, to which only a form goes.
@Suite struct WaysBackTests {
  @Test(arguments: [
    ("/instances/shop/database", "/instances/shop"), ("/instances/shop/start", "/instances/shop"),
    ("/o/acme/instances/shop/database", "/o/acme/instances/shop"),
    ("/instances/shop/settings/stage", "/instances/shop/settings"),
    ("/account/security/password", "/account/security"),
    ("/account/security/second-factor/codes", "/account/security"),
    ("/account/tokens", "/account"), ("/people/invitations", "/people"),
    ("/servers/local/validate", "/servers/local"), ("/theme", "/"),
  ])
  func `an address that takes forms only leads to its page`(address: String, page: String) async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let answer = try await browser.get(address)
      #expect(answer.status == .seeOther && answer.headers[.location] == page)
    }
  }

  /// Where every address that takes forms only leads to.
  private static let pages = [
    "/theme": "/", "/sign-out": "/", "/sign-in/code": "/sign-in",
    "/sign-in/code/lost": "/sign-in",
    "/instances/{name}/database": "/instances/{name}", "/instances/{name}/start": "/instances/{name}",
    "/instances/{name}/settings/stage": "/instances/{name}/settings",
    "/servers/{name}/validate": "/servers/{name}", "/servers/{name}/drain": "/servers/{name}",
    "/servers/{name}/maintenance": "/servers/{name}", "/servers/{name}/activate": "/servers/{name}",
    "/people/invitations": "/people", "/people/invitations/{id}/withdraw": "/people",
    "/account/tokens": "/account", "/account/security/password": "/account/security",
    "/account/security/second-factor": "/account/security",
    "/account/security/second-factor/confirm": "/account/security",
    "/account/security/second-factor/codes": "/account/security",
    "/account/security/second-factor/off": "/account/security",
    "/account/security/sessions/{id}/end": "/account/security",
    "/account/security/sessions/end-others": "/account/security",
  ]

  @Test func `every address of the console that takes forms leads to a page that exists`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "acme")
    hosting.state.withLock { $0.servers[0].name = "acme" }
    let routes = try WebServer.console(hosting).routes
    let read = Set(routes.filter { $0.method == .get }.map(\.path))
    let sent = routes.filter { $0.method == .post && !read.contains($0.path) }
    let place = "/o/{organisation}"
    #expect(Set(sent.map { $0.path.replacing(place, with: "") }) == Set(Self.pages.keys))
    try await browse("owner", hosting) { browser in
      for route in sent {
        let page = try #require(Self.pages[route.path.replacing(place, with: "")])
        let expected = (route.path.hasPrefix(place) ? place : "") + page
        let answer = try await browser.get(Self.filled(route.path))
        #expect(answer.status == .seeOther, "\(route.path)")
        #expect(answer.headers[.location] == Self.filled(expected), "\(route.path)")
        #expect(read.contains(expected), "\(expected)")
        let shown = try await browser.get(Self.filled(expected))
        #expect(shown.status == .ok, "\(expected)")
        #expect(shown.headers[.contentType]?.hasPrefix("text/html") == true, "\(expected)")
      }
    }
  }

  /// An address in which everything is called as the organisation is.
  private static func filled(_ path: String) -> String { path.replacing(/\{[a-z]+\}/, with: "acme") }

  @Test func `live parts ask the page of the instance, also where its database was shown`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "erp")
    try await browse("owner", hosting) { browser in
      let page = try await browser.post("/instances/erp/database", "").text
      #expect(page.contains(#"hx-get="/instances/erp""#))
      // The password is said once; what stands around it goes on.
      #expect(page.contains(##"hx-select-oob="#tabs,#drift,#last-jobs,#beside""##))
      #expect(try await browser.get("/instances/erp").text.contains(##"hx-select-oob="#tabs,#body""##))
    }
  }
}
