import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct AccountPagesTests {
  @Test func `a token's secret is shown once, also when its form is sent twice`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      for _ in 0..<2 {
        let answer = try await browser.post("/account/tokens", "key=k&name=laptop&lifetime=90")
        #expect(answer.status == .ok && answer.text.contains("value=\"odeum_"))
      }
      #expect(try await !browser.get("/account").text.contains("value=\"odeum_"))
      let empty = try await browser.post("/account/tokens", "key=l&name=")
      #expect(empty.status == .unprocessableContent && empty.text.contains(#"id="field-name-error""#))
    }
    #expect(hosting.state.withLock { $0.tokens.count } == 1)
  }
}
