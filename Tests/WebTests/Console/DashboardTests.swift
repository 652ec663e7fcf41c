import Foundation
import Hosting
import Testing

@testable import Web

@Suite struct DashboardTests {
  @Test func `the first page counts, says what failed and why, and lists the last jobs`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await made(hosting, "broken-fails")
    try await browse("owner", hosting) { browser in
      let page = try await browser.get("/").text
      #expect(page.contains(#"<p class="tile-value num">2</p>"#))
      #expect(page.contains(#"href="/instances?status=failed">1 failed</a>"#))
      #expect(page.contains(#"class="attention-title" href="/instances/broken-fails""#))
      #expect(page.contains("19.2 GB of memory free"))
      #expect(page.contains("Last jobs") && page.contains(#"<span class="sub">shop</span>"#))
      #expect(!page.contains("All is well"))
    }
  }

  @Test func `operators are told what is in the way of the control plane's own backups, and nobody else is`()
    async throws
  {
    let hosting = PlayedHosting()
    let trouble = BackupStanding.Trouble(reason: "There is no room in /mnt/nas <1>.", since: Date())
    hosting.state.withLock { state in
      state.backups = BackupStanding(lastMade: Date() - 7200, trouble: trouble)
    }
    for (role, isTold) in [("owner", true), ("viewer", false)] {
      try await browse(role, hosting) { browser in
        let page = try await browser.get("/").text
        #expect(page.contains("There is no room in /mnt/nas &lt;1&gt;.") == isTold)
        #expect(page.contains("The last whole one was made 2 hours ago.") == isTold)
      }
    }
  }

  @Test func `a server that is not available needs attention, and one that is nearly full too`() async throws
  {
    let hosting = PlayedHosting()
    hosting.state.withLock { state in
      state.servers[0].status = .unavailable
      state.servers[0].statusReason = "Docker on local is down."
      var full = state.servers[0]
      full.name = "full"
      full.status = .ready
      full.facts.diskFreeMB = 9000
      state.servers.append(full)
    }
    try await browse("owner", hosting) { browser in
      let page = try await browser.get("/").text
      #expect(page.contains("Docker on local is down.") && page.contains("1 not available"))
      #expect(page.contains("Disk is nearly full: 241 GB of 250 GB used."))
    }
  }

  @Test func `who may not see servers is not told of them`() async throws {
    try await browse("viewer") { browser in
      let page = try await browser.get("/").text
      #expect(!page.contains("memory free") && page.contains("Instances"))
    }
  }

  @Test func `an empty console says what to do first`() async throws {
    try await browse { browser in
      let page = try await browser.get("/").text
      #expect(page.contains("Your first Odoo is a minute away"))
    }
  }
}
