import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct StrayPagesTests {
  private func path(_ kind: Stray.Kind, _ hosting: PlayedHosting) throws -> String {
    let stray = hosting.state.withLock { state in state.strays.first { $0.kind == kind } }
    return try #require(stray).path + "/remove"
  }

  @Test func `a stray is removed without its name, or shown after it`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      #expect(try await !browser.get("/servers").text.contains(#"id="strays""#))
      hosting.find()
      for page in ["/servers", "/servers/local"] {
        let text = try await browser.get(page).text
        #expect(text.contains("odeum-lost-data") && text.contains("Volume, was of lost"), "\(page)")
      }
      let container = try path(.container, hosting)
      let asked = try await browser.get(container).text
      #expect(asked.contains("Remove the container odeum-lost for good"))
      #expect(asked.contains("Type odeum-lost or DELETE to confirm"))
      let typo = try await browser.post(container, "confirm=odeum-los")
      #expect(typo.status == .unprocessableContent && typo.text.contains("nothing was removed"))
      #expect(hosting.state.withLock { $0.strays.count } == 3)
      let removed = try await browser.post(container, "confirm=odeum-lost")
      #expect(removed.status == .seeOther && removed.headers[.location] == "/servers")
      let text = try await browser.get("/servers").text
      #expect(!text.contains(">odeum-lost<") && text.contains("odeum-lost-data"))
      // Somebody else's removal came first.
      #expect(try await browser.get(container).status == .notFound)
    }
  }

  @Test func `why a stray stays is not told on the page that asks for its removal`() async throws {
    let hosting = PlayedHosting()
    hosting.find()
    try await browse("owner", hosting) { browser in
      let held = try await browser.post(try path(.volume, hosting), "confirm=DELETE")
      #expect(held.status == .conflict)
      #expect(
        held.text.contains("The volume odeum-lost-data is in use.") && held.text.contains("with its data"))
    }
  }

  @Test func `who is no operator sees what nobody owns, or removes it`() async throws {
    let hosting = PlayedHosting()
    hosting.find()
    try await browse("developer", hosting) { browser in
      #expect(try await !browser.get("/servers").text.contains("odeum-lost"))
      let answer = try await browser.post(try path(.container, hosting), "confirm=DELETE")
      #expect(answer.status == .forbidden)
      #expect(hosting.state.withLock { $0.strays.count } == 3)
    }
  }
}
