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

  @Test func `every address of the console that takes forms leads to a page that exists`() async throws {
    let routes = try WebServer.console(PlayedHosting()).routes
    let read = Set(routes.filter { $0.method == .get }.map(\.path))
    let sent = routes.filter { $0.method == .post && !read.contains($0.path) }
    #expect(sent.count > 10)
    try await browse("owner") { browser in
      for route in sent {
        let path = route.path.replacing(/\{[a-z]+\}/, with: "x")
        let answer = try await browser.get(path)
        #expect(answer.status == .seeOther, "\(path)")
      }
    }
  }

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
