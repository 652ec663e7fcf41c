import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct ConsoleFrameTests {
  @Test func `a live part of a page whose session is over makes the page load again`() async throws {
    try await browse(nil) { browser in
      let answer = try await browser.get("/instances", [.htmxRequest: "true"])
      #expect(answer.status == .unauthorized && answer.headers[.htmxRefresh] == "true")
      #expect(try await browser.get("/events", [.accept: "text/event-stream"]).status == .unauthorized)
    }
  }

  @Test func `a live part of what is gone leads to the list, which says so`() async throws {
    try await browse { browser in
      let answer = try await browser.get("/instances/gone", [.htmxRequest: "true"])
      #expect(answer.status == .notFound && answer.headers[.htmxRedirect] == "/instances")
      let cookie = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("odeum-flash=") })
      let page = try await browser.client.execute(
        uri: "/instances", method: .get, headers: [.cookie: "odeum=owner; \(cookie.prefix { $0 != ";" })"])
      #expect(String(buffer: page.body).contains("There is no instance “gone”."))
    }
  }

  @Test func `what was done is said on the next page, once`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let answer = try await browser.post("/instances/shop/restart", "mode=soft")
      #expect(answer.status == .seeOther && answer.headers[.location] == "/instances/shop")
      let cookie = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("odeum-flash=") })
      let said = try await browser.client.execute(
        uri: "/instances/shop", method: .get,
        headers: [.cookie: "odeum=owner; \(cookie.prefix { $0 != ";" })"])
      #expect(String(buffer: said.body).contains("shop is being restarted."))
      #expect(said.headers[values: .setCookie].contains { $0.hasPrefix("odeum-flash=;") })
    }
  }

  @Test
  func `the one style sheet is whole: a brace too many in a part would cost the next part its first rule`()
    async throws
  {
    try await browse(nil) { browser in
      let sheet = try await browser.get("/assets/console.css").text
      var depth = 0
      for character in sheet {
        if character == "{" { depth += 1 }
        if character == "}" { depth -= 1 }
        #expect(depth >= 0)
      }
      #expect(depth == 0 && sheet.contains(".button") && sheet.contains(".tiles"))
    }
  }

  @Test func `assets are kept for good under their mark, and only those there are can be had`() async throws {
    try await browse(nil) { browser in
      let page = try await browser.get("/sign-in").text
      let addresses = page.matches(of: /"(\/assets\/[^"#]+)/).map { String($0.1) }
      #expect(addresses.count > 5)
      for address in addresses {
        let asset = try await browser.get(address)
        #expect(
          asset.status == .ok && asset.headers[.cacheControl]?.contains("immutable") == true, "\(address)")
      }
      #expect(try await browser.get("/assets/console.css").headers[.cacheControl] == "no-cache")
      for path in [
        "/assets/../Templates/layout.mustache", "/assets/%2e%2e/Templates/layout.mustache",
        "/assets/none.css",
      ] {
        let status = try await browser.get(path).status
        #expect(status.code >= 400, "\(path)")
      }
    }
  }

  @Test func `an address without a page says so in the console's own way`() async throws {
    try await browse { browser in
      let page = try await browser.get("/nowhere")
      #expect(page.status == .notFound && page.text.contains("There is nothing at this address."))
      #expect(page.text.contains("aria-label=\"Main\""))
      #expect(
        page.text.contains("go on from the dashboard")
          && page.text.contains("<a class=\"button button-primary\" href=\"/\">"))
      #expect(!page.text.contains("/api/"), "a person reads this")
      let instance = try await browser.get("/instances/nothing")
      #expect(instance.status == .notFound && instance.text.contains("There is no instance “nothing”."))
    }
  }

  @Test func `the choice of colours holds, and leads back to the page`() async throws {
    try await browse { browser in
      let answer = try await browser.post("/theme", "theme=dark&back=/servers")
      #expect(answer.headers[.location] == "/servers")
      #expect(answer.headers[values: .setCookie].contains { $0.hasPrefix("odeum-theme=dark") })
      let page = try await browser.client.execute(
        uri: "/servers", method: .get, headers: [.cookie: "odeum=owner; odeum-theme=dark"])
      #expect(String(buffer: page.body).contains("<html lang=\"en\" data-theme=\"dark\">"))
    }
  }
}
