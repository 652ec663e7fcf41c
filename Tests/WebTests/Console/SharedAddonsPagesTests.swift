import Hosting
import HummingbirdTesting
import Testing

@testable import Hosting
@testable import Web

@Suite struct SharedAddonsPagesTests {
  /// An instance on a server that offers `folders`.
  private func hosting(offering folders: [String]) async throws -> PlayedHosting {
    let hosting = PlayedHosting()
    let parsed = try folders.map { try HostFolder($0, field: "") }
    hosting.state.withLock { $0.servers[0].sharedFolders = parsed }
    let owner = try #require(hosting.state.withLock { $0.sessions["owner"] })
    var wish = NewInstance(name: "shop")
    wish.stage = "dev"
    _ = try await hosting.createInstance(wish, idempotencyKey: nil, by: owner)
    return hosting
  }

  private func saved(_ hosting: PlayedHosting) -> String? {
    hosting.state.withLock { $0.instances[0].settings.sharedAddons?.text }
  }

  @Test func `a folder is chosen among those that the server offers, and turned off`() async throws {
    let hosting = try await hosting(offering: ["/srv/odoo", "/srv/shared"])
    try await browse("owner", hosting) { browser in
      let page = try await browser.get("/instances/shop/settings").text
      #expect(page.contains("local offers /srv/odoo, /srv/shared: one of these, or a folder in it."))
      #expect(page.contains(#"<datalist id="sharedAddons-offered"><option value="/srv/odoo"></option>"#))
      #expect(page.contains(#"list="sharedAddons-offered""#))
      let preview = try await browser.post(
        "/instances/shop/settings", "revision=1&preview=yes&sharedAddons=%2Fsrv%2Fshared%2Fa")
      #expect(preview.text.contains("<ins>/srv/shared/a</ins>"))
      #expect(saved(hosting) == nil)
      let change = try await browser.post(
        "/instances/shop/settings", "revision=1&sharedAddons=%2Fsrv%2Fshared%2Fa")
      #expect(change.status == .seeOther && saved(hosting) == "/srv/shared/a")
      #expect(try await browser.get("/instances/shop/settings").text.contains(#"value="/srv/shared/a""#))
      // A form without the field, such as one that the plan has greyed out, leaves it.
      _ = try await browser.post("/instances/shop/settings", "revision=2&workers=2")
      #expect(saved(hosting) == "/srv/shared/a")
      _ = try await browser.post("/instances/shop/settings", "revision=3&sharedAddons=")
      #expect(saved(hosting) == nil)
    }
  }

  @Test func `another folder is refused at the field, with what was typed`() async throws {
    let hosting = try await hosting(offering: ["/srv/shared"])
    try await browse("owner", hosting) { browser in
      for path in ["%2Fsrv%2Fshared-evil", "%2Fsrv%2Fshared%2F..%2Fetc", "%3Cscript%3E"] {
        let refused = try await browser.post("/instances/shop/settings", "revision=1&sharedAddons=\(path)")
        #expect(refused.status == .unprocessableContent)
        #expect(refused.text.contains(#"id="field-sharedAddons-error""#))
        #expect(refused.text.contains(##"href="#field-sharedAddons""##))
        #expect(!refused.text.contains("<script>"))
      }
      #expect(saved(hosting) == nil)
    }
  }

  @Test func `where the server offers none, the field is off and says why`() async throws {
    let hosting = try await hosting(offering: [])
    try await browse("owner", hosting) { browser in
      let page = try await browser.get("/instances/shop/settings").text
      #expect(page.contains("local offers no folder to its instances."))
      #expect(
        page.contains(
          ##"<fieldset class="form" disabled><div class="field"><label for="field-sharedAddons">"##))
      #expect(!page.contains("<datalist"))
      // What is on can be turned off.
      let folder = try HostFolder("/srv/old", field: "")
      hosting.state.withLock { $0.instances[0].settings.sharedAddons = folder }
      let on = try await browser.get("/instances/shop/settings").text
      #expect(on.contains(##"<fieldset class="form"><div class="field"><label for="field-sharedAddons">"##))
    }
  }

  @Test func `a server’s folders are edited one a line, shown, and refused at their field`() async throws {
    let hosting = PlayedHosting()
    @Sendable func offered() -> [String] {
      hosting.state.withLock { $0.servers[0].sharedFolders.map(\.text) }
    }
    try await browse("owner", hosting) { browser in
      let fields = "name=local&stagePolicy=warn&note="
      let edited = try await browser.post(
        "/servers/local/edit", "\(fields)&sharedFolders=%2Fsrv%2Fb%0D%0A%0D%0A+%2Fsrv%2Fa+%0D%0A")
      #expect(edited.status == .seeOther && offered() == ["/srv/a", "/srv/b"])
      #expect(try await browser.get("/servers/local/edit").text.contains("/srv/a\n/srv/b</textarea>"))
      #expect(try await browser.get("/servers/local").text.contains("/srv/b"))
      _ = try await browser.post("/servers/local/edit", fields)
      #expect(offered() == ["/srv/a", "/srv/b"])
      let refused = try await browser.post("/servers/local/edit", "\(fields)&sharedFolders=%2Fetc")
      #expect(refused.status == .unprocessableContent && refused.text.contains("/etc stays the host’s own."))
      #expect(refused.text.contains(#"id="field-sharedFolders-error""#))
      _ = try await browser.post("/servers/local/edit", "\(fields)&sharedFolders=")
      #expect(offered() == [])
    }
  }
}
