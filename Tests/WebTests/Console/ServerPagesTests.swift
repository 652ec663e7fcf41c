import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct ServerPagesTests {
  private static let place = "name=web1&address=web1.example.com&port=2222&user=admin"
  private static let confirmed = "hostKey=SHA256%3Ab3oqSNyXcCwlcFX0DRqh55iHUeFIxzBqdHjczOY7y3E&confirmed=yes"

  @Test func `a server is added only after its fingerprint was shown and confirmed`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let first = try await browser.get("/servers/new")
      #expect(first.status == .ok && !first.text.contains("name=\"password\""))
      let shown = try await browser.post("/servers/new", Self.place)
      #expect(shown.status == .ok)
      #expect(shown.text.contains(PlayedHosting.hostKey.fingerprint))
      #expect(shown.text.contains("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"))
      #expect(shown.text.contains(#"<option value="warn" selected>"#))
      let unconfirmed = try await browser.post(
        "/servers", Self.place + "&hostKey=SHA256%3Ax&way=password&password=secret-word")
      #expect(unconfirmed.status == .unprocessableContent)
      #expect(unconfirmed.text.contains("Compare the fingerprint first"))
      // What was typed as a secret does not come back in the page.
      #expect(!unconfirmed.text.contains("secret-word"))
      #expect(hosting.state.withLock { $0.servers.count } == 1)
      let refused = try await browser.post(
        "/servers", Self.place + "&" + Self.confirmed + "&way=new&filestoreFolders=%2Fetc")
      #expect(
        refused.text.contains(#"id="field-filestoreFolders-error""#)
          && refused.text.contains("/etc</textarea>"))
      let added = try await browser.post(
        "/servers",
        Self.place + "&" + Self.confirmed
          + "&way=new&stagePolicy=refuse&sharedFolders=%2Fsrv%2Fa%0D%0A%2Fsrv%2Fb&filestoreFolders=%2Fmnt%2Fnas"
      )
      let new = hosting.state.withLock { $0.servers.last }
      #expect(new?.sharedFolders.map(\.text) == ["/srv/a", "/srv/b"])
      #expect(new?.filestoreFolders.map(\.text) == ["/mnt/nas"])
      #expect(added.status == .seeOther && added.headers[.location] == "/servers/web1")
      let page = try await browser.get("/servers/web1")
      #expect(
        page.text.contains("~admin/.ssh/authorized_keys") && page.text.contains("ssh-ed25519 AAAA odeum web1")
      )
      #expect(page.text.contains("Not validated"))
    }
  }

  @Test(arguments: ["way=password&password=secret-word", "way=key&privateKey=secret-word"])
  func `who adds a server with what to sign in gets to the steps of its validation`(way: String) async throws
  {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let added = try await browser.post("/servers", Self.place + "&" + Self.confirmed + "&" + way)
      let job = try #require(hosting.state.withLock { $0.operations.last })
      let path = "/jobs/\(job.id)"
      #expect(added.status == .seeOther && added.headers[.location] == path)
      let page = try await browser.get(path).text
      for step in PlayedHosting.validateSteps { #expect(page.contains(step), "\(step)") }
      #expect(page.contains(#"id="job-steps""#) && page.contains("sse-connect=\"/events?job=\(job.id)"))
      #expect(page.contains(##"hx-get="\##(path)" hx-trigger="sse:change""##))
      #expect(!page.contains("secret-word"))
    }
  }

  @Test func `a server's card shows how much of it is used, as bars and in words`() async throws {
    let hosting = PlayedHosting()
    hosting.state.withLock { $0.servers[0].facts.loadOne = 0.5 }
    try await browse("owner", hosting) { browser in
      for path in ["/servers", "/servers/local"] {
        let page = try await browser.get(path).text
        let gauges = page.matches(
          of: /<strong>([^<]*)<\/strong><span class="muted num">([^<]*)<\/span>.*?bar-fill" width="(\d+)%"/)
        #expect(
          gauges.map { "\($0.1): \($0.2), \($0.3)" } == [
            "Processor: load 0.5 on 2 cores, 25", "Memory: 5.8 GB of 25.0 GB used, 23",
            "Disk: 189 GB of 250 GB used, 75",
          ], "\(path)")
      }
    }
  }

  @Test func `what is wrong with where it is, is told on the first page with what was typed`() async throws {
    try await browse { browser in
      let answer = try await browser.post(
        "/servers/new", "name=web1&address=%24%28reboot%29&port=22&user=root")
      #expect(answer.status == .unprocessableContent)
      #expect(
        answer.text.contains(#"id="field-address-error""#) && answer.text.contains(#"value="$(reboot)""#))
      let taken = try await browser.post(
        "/servers", "name=Web_1&address=a&port=22&user=root&" + Self.confirmed + "&way=new")
      #expect(taken.status == .unprocessableContent && taken.text.contains(#"id="field-name-error""#))
    }
  }

  @Test func `a server is drained, edited and removed, and the machine itself stays`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let drained = try await browser.post("/servers/local/drain")
      #expect(drained.status == .seeOther)
      let page = try await browser.get("/servers/local")
      #expect(page.text.contains("Draining") && page.text.contains(#"action="/servers/local/activate""#))
      let list = try await browser.get("/servers").text
      #expect(list.contains("Draining"))
      let edited = try await browser.post("/servers/local/edit", "name=local&stagePolicy=allow&note=rack+4")
      #expect(edited.status == .seeOther)
      let after = try await browser.get("/servers/local").text
      #expect(after.contains("rack 4"))
      let stays = try await browser.post("/servers/local/remove", "confirm=local")
      #expect(stays.status == .conflict && stays.text.contains("local stays."))
      _ = try await browser.post("/servers", Self.place + "&" + Self.confirmed + "&way=new")
      let typo = try await browser.post("/servers/web1/remove", "confirm=web2")
      #expect(typo.status == .unprocessableContent)
      #expect(try await browser.post("/servers/web1/remove", "confirm=web1").headers[.location] == "/servers")
      #expect(hosting.state.withLock { $0.servers.map(\.name) } == ["local"])
    }
  }

  @Test func `the form for an instance says where it would go, and what takes none`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let fresh = try await browser.get("/new").text
      #expect(fresh.contains("Chosen for you is local as it looks now"))
      _ = try await browser.post("/servers/local/drain")
      let page = try await browser.get("/new").text
      #expect(page.contains(#"<option value="local" disabled>local: It is drained"#))
    }
  }

  @Test func `a server shows what it holds, however many instances others have`() async throws {
    let hosting = PlayedHosting()
    try await hosting.fill(205)
    try await browse("owner", hosting) { browser in
      let elsewhere = try await browser.get("/servers/local").text
      #expect(elsewhere.contains(">shop-001</a>") && elsewhere.contains(">shop-205</a>"))
      hosting.state.withLock { state in
        for index in state.instances.indices.dropLast() { state.instances[index].server.id = UUID() }
      }
      let page = try await browser.get("/servers/local").text
      #expect(page.contains(">shop-205</a>") && !page.contains(">shop-001</a>"))
    }
  }

  @Test func `who may not change servers sees why`() async throws {
    try await browse("developer") { browser in
      let list = try await browser.get("/servers").text
      #expect(list.contains("does not allow adding servers"))
      let page = try await browser.get("/servers/local").text
      #expect(page.contains("This server is the operator’s."))
      // The pages behind the buttons answer as sending their forms does.
      for (page, form) in [
        ("new", Self.place + "&" + Self.confirmed), ("local/edit", "note=x"), ("local/prepare", ""),
        ("local/remove", "confirm=local"),
      ] {
        let asked = try await browser.get("/servers/\(page)")
        #expect(asked.status == .forbidden, "\(page)")
        #expect(asked.text.contains(page == "new" ? "(manageServers)" : "only the operator changes it"))
        let sent = try await browser.post(page == "new" ? "/servers" : "/servers/\(page)", form)
        #expect(sent.status == .forbidden, "\(page)")
      }
    }
    try await browse("viewer") { browser in
      let answer = try await browser.get("/servers/local")
      #expect(answer.status == .forbidden)
    }
  }
}
