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

  @Test func `a token gets the scopes that are checked, and a developer is offered his own permissions only`()
    async throws
  {
    let hosting = PlayedHosting()
    try await browse("developer", hosting) { browser in
      let page = try await browser.get("/account").text
      #expect(page.contains("scope.restartInstances") && !page.contains("scope.manageMembers"))
      let form = "key=a&name=ci&lifetime=30&scopes=own&scope.restartInstances=yes&scope.viewLogs=yes"
      #expect(try await browser.post("/account/tokens", form).status == .ok)
      let none = try await browser.post("/account/tokens", "key=b&name=ci&lifetime=30&scopes=own")
      #expect(none.status == .unprocessableContent && none.text.contains("could do nothing"))
      _ = try await browser.post("/account/tokens", "key=c&name=look&lifetime=30&scopes=read")
      #expect(try await browser.get("/account").text.contains("only: Read logs, Start and restart"))
    }
    let scopes = hosting.state.withLock { $0.tokens.map(\.scopes) }
    #expect(scopes == [[.viewInstances, .viewLogs, .viewServers], [.restartInstances, .viewLogs]])
  }
}
