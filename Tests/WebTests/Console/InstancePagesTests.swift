import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct InstancePagesTests {
  @Test func `the list asks for its instances once`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let page = try await browser.get("/instances?search=sho&stage=dev")
      #expect(page.text.contains("href=\"/instances/shop\""))
    }
    #expect(hosting.state.withLock { $0.calls["instances"] } == 1)
  }

  @Test func `a console without instances says what to do next`() async throws {
    try await browse { browser in
      let page = try await browser.get("/instances").text
      #expect(page.contains("No instance yet") && page.contains("href=\"/new\""))
      let filtered = try await browser.get("/instances?search=nothing").text
      #expect(filtered.contains("Nothing matches") && !filtered.contains("No instance yet"))
    }
  }

  @Test func `a refused form says what is wrong at its fields, on top, and keeps what was typed`()
    async throws
  {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let answer = try await browser.post(
        "/instances",
        "key=k&name=My+Shop&stage=staging&settings.odooConf=%5Boptions%5D%0Aworkers%3D4&modules=crm&demo=yes")
      #expect(answer.status == .unprocessableContent)
      let page = answer.text
      #expect(page.contains(##"href="#field-name""##) && page.contains(#"id="field-name-error""#))
      #expect(page.contains(#"value="My Shop""#) && page.contains(#"value="staging" checked"#))
      #expect(page.contains("[options]\nworkers=4</textarea>") && page.contains(#"value="crm""#))
      #expect(page.contains(#"name="demo" value="yes" checked"#))
      // What stands in the folded part is not hidden from who has to correct it.
      #expect(page.contains("<details class=\"more\" open>"))
      #expect(page.contains(#"name="key" value="k""#))
    }
    #expect(hosting.state.withLock { $0.instances.isEmpty })
  }

  @Test func `what is no number is refused at its field`() async throws {
    try await browse { browser in
      let page = try await browser.post("/instances", "name=shop&settings.workers=many").text
      #expect(page.contains("Workers takes a whole number, and “many” is none."))
      #expect(page.contains(#"id="field-settings-workers-error""#))
    }
  }

  @Test func `a name that is taken is told at the name`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let answer = try await browser.post("/instances", "key=other&name=shop")
      #expect(answer.status == .conflict && answer.text.contains(#"id="field-name-error""#))
    }
  }

  @Test func `a double click creates one instance, and its password is not lost`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      async let first = browser.post("/instances", "key=once&name=shop&stage=dev")
      async let second = browser.post("/instances", "key=once&name=shop&stage=dev")
      for answer in try await [first, second] {
        #expect(answer.status == .ok)
        #expect(answer.text.contains(#"value="tR7vKmQzHk4NwPy2GxJc""#))
      }
    }
    #expect(hosting.state.withLock { $0.instances.count } == 1)
    #expect(hosting.state.withLock { $0.calls["createInstance"] } == 1)
  }

  @Test func `the password is on no other page`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      _ = try await browser.post("/instances", "key=once&name=shop&stage=dev")
      for path in [
        "/instances/shop", "/instances", "/jobs", "/instances/shop/queue", "/instances/shop/settings",
      ] {
        #expect(try await !browser.get(path).text.contains("tR7vKmQzHk4NwPy2GxJc"), "\(path)")
      }
    }
  }

  @Test func `removing asks for the name, and production is refused with its reason`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await made(hosting, "erp", stage: "production")
    try await browse("owner", hosting) { browser in
      for typed in ["", "shpo", "delete", "Shop"] {
        let answer = try await browser.post("/instances/shop/remove", "confirm=\(typed)")
        #expect(answer.status == .unprocessableContent && answer.text.contains("nothing was removed"))
      }
      let page = try await browser.get("/instances/erp").text
      #expect(page.contains(#"id="remove" aria-disabled="true" aria-describedby="remove-why""#))
      #expect(page.contains("erp is in production"))
      let refused = try await browser.post("/instances/erp/remove", "confirm=erp")
      #expect(refused.headers[.location] == "/instances/erp")
      let said = try #require(refused.headers[values: .setCookie].first { $0.hasPrefix("odeum-flash=") })
      let flash = try #require(
        Flash(cookie: said.dropFirst("odeum-flash=".count).prefix { $0 != ";" }.description))
      #expect(flash.kind == .bad && flash.text.contains("erp is in production"))
      #expect(try await browser.post("/instances/shop/remove", "confirm=DELETE").status == .seeOther)
    }
    #expect(hosting.state.withLock { $0.instances.contains { $0.name.text == "erp" } })
  }

  @Test func `the page of an instance that was removed says so on the list`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      _ = try await browser.post("/instances/shop/remove", "confirm=DELETE")
      while hosting.state.withLock({ !$0.instances.isEmpty }) { await Task.yield() }
      let live = try await browser.get("/instances/shop", [.htmxRequest: "true"])
      #expect(live.headers[.htmxRedirect] == "/instances")
      #expect(try flash(of: live) == Flash(kind: .good, text: "shop is removed."))
      let never = try await browser.get("/instances/nowhere", [.htmxRequest: "true"])
      #expect(try flash(of: never).kind == .info)
    }
  }

  @Test func `that an instance is removed is said in the organisation that had it, and nowhere else`()
    async throws
  {
    let hosting = PlayedHosting()
    hosting.state.withLock { $0.otherOrganisations = ["globex"] }
    try await made(hosting, "shop")
    try await made(hosting, "blog")
    try await browse("owner", hosting) { browser in
      _ = try await browser.post("/o/globex/instances/shop/remove", "confirm=DELETE")
      _ = try await browser.post("/o/acme/instances/blog/remove", "confirm=DELETE")
      while hosting.state.withLock({ !$0.instances.isEmpty }) { await Task.yield() }
      for (asked, list, isSaid) in [
        ("globex/instances/shop", "globex", true), ("acme/instances/shop", "acme", false),
        ("acme/instances/blog", "acme", true), ("globex/instances/blog", "globex", false),
        // From an organisation that is not one's own the way leads into one that is.
        ("initech/instances/blog", "acme", false),
      ] {
        let live = try await browser.get("/o/\(asked)", [.htmxRequest: "true"])
        #expect(live.status == .notFound)
        #expect(live.headers[.htmxRedirect] == "/o/\(list)/instances", "\(asked)")
        let said = try flash(of: live)
        #expect(said.kind == (isSaid ? .good : .info), "\(asked)")
        #expect(said.text.hasSuffix(" is removed.") == isSaid, "\(asked): \(said.text)")
      }
    }
  }

  @Test(arguments: Hosting.Operation.State.allCases.filter { $0 != .succeeded })
  func `an instance whose removal did not succeed is not said to be removed`(
    state: Hosting.Operation.State
  ) async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      _ = try await browser.post("/instances/shop/remove", "confirm=DELETE")
      while hosting.state.withLock({ !$0.instances.isEmpty }) { await Task.yield() }
      hosting.state.withLock { $0.operations[$0.operations.count - 1].state = state }
      let live = try await browser.get("/instances/shop/mail/none", [.htmxRequest: "true"])
      #expect(live.status == .notFound)
      #expect(try flash(of: live).kind == .info)
    }
  }

  private func flash(of answer: TestResponse) throws -> Flash {
    let cookie = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("odeum-flash=") })
    return try #require(
      Flash(cookie: cookie.dropFirst("odeum-flash=".count).prefix { $0 != ";" }.description))
  }

  @Test func `what was asked for is said to be under way, then how it ended, and a failure stays`()
    async throws
  {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let said = try flash(of: try await browser.post("/instances/shop/restart", "mode=hard"))
      #expect(said.kind == .info && said.text == "shop is being restarted.")
      let job = try #require(said.job)
      let owner = try #require(hosting.state.withLock { $0.people["owner@example.org"] })
      while try await hosting.instance("shop", by: owner).activeJob != nil { await Task.yield() }
      let live = "/instances/shop?told=\(job)"
      let done = try await browser.get(live, [.htmxRequest: "true"]).text
      #expect(done.contains("shop is restarted.") && !done.contains("is being restarted"))
      #expect(!(try await browser.get("/instances/shop").text.contains("shop is restarted.")))
      hosting.state.withLock { state in
        state.edit(job) {
          $0.state = .failed
          $0.reason = "The image is gone."
        }
      }
      for path in [live, "/instances/shop", "/instances/shop/settings"] {
        let failed = try await browser.get(path).text
        #expect(
          failed.contains("The hard restart failed.") && failed.contains("The image is gone."), "\(path)")
        #expect(
          failed.contains(#"class="note note-bad" id="head-failure""#) && !failed.contains("is restarted."))
      }
    }
  }

  @Test func `the page after a creation says how it ended`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await made(hosting, "shop-fails")
    try await browse("owner", hosting) { browser in
      let ready = try await browser.get("/instances/shop/created").text
      #expect(ready.contains("<h1>shop is ready</h1>") && ready.contains("It answers at"))
      #expect(!ready.contains("will answer") && !ready.contains("sse-connect"))
      let failed = try await browser.get("/instances/shop-fails/created").text
      #expect(failed.contains("<h1>shop-fails could not be created</h1>") && failed.contains("note-bad"))
    }
  }

  @Test func `faults in settings are told by the labels of their fields, each field once`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let several = try await browser.post(
        "/instances/shop/settings",
        "revision=1&workers=9999&odoo.memoryMB=1&odooConf=%5Ba%5D%0A%5Bb%5D&databaseFilter=%28")
      #expect(several.text.contains("<h2>4 fields are not right.</h2>"))
      for label in ["Workers", "Memory limit", "Lines for odoo.conf", "Database filter"] {
        let link = try Regex(##"<a href="#field-[^"]*">\##(label)</a>"##)
        #expect(several.text.matches(of: link).count == 1, "\(label)")
      }
      #expect(several.text.contains("Memory limit</a> goes from 64 to"))
      #expect(!several.text.contains("odoo.memoryMB goes") && several.text.contains("“(” is no regular"))
      let one = try await browser.post("/instances/shop/settings", "revision=1&workers=9999")
      #expect(one.text.components(separatedBy: "; 9999 does not fit.").count == 3, "above and at the field")
    }
  }

  @Test func `the ports that are open to the network are told from those that are not`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let owner = try #require(hosting.state.withLock { $0.people["owner@example.org"] })
    var instance = try await hosting.instance("shop", by: owner)
    instance.server.exposed = true
    try #require(instance.portsAreOpen)
    let header = InstanceHeader(instance, work: nil, tab: .overview, owner)
    let page = OverviewPage(instance, header: header, database: nil, mayReveal: false, jobs: [])
    let remarks = Dictionary(uniqueKeysWithValues: page.ports.map { ($0.label, $0.more) })
    #expect(remarks["PostgreSQL"] == "On the server itself only.")
    #expect(remarks["Mail catcher"] == "On the server itself only.")
    #expect(remarks["Web"] == "Open to the network.")
  }

  @Test func `settings are saved as typed, with the notes of the domain, and refused at their field`()
    async throws
  {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let whole =
      "workerMemoryMB=2048&cronThreads=1&cpuTimeLimit=60&realTimeLimit=120&logLevel=info&databaseFilter=&odoo.memoryMB=0&odoo.memoryReservationMB=0&odoo.shmMB=64&odoo.cpuShares=1024&database.memoryMB=0&database.memoryReservationMB=0&database.shmMB=256&database.cpuShares=1024"
    try await browse("owner", hosting) { browser in
      let saved = try await browser.post(
        "/instances/shop/settings", "revision=1&workers=3&odooConf=limit_time_real+%3D+1200&\(whole)")
      #expect(saved.status == .seeOther)
      let page = try await browser.get("/instances/shop/settings").text
      #expect(page.contains(#"name="workers" type="text" value="3""#))
      #expect(page.contains(#"name="revision" value="2""#))
      #expect(page.contains("Saved settings wait for a"))
      let stale = try await browser.post("/instances/shop/settings", "revision=1&workers=5&\(whole)")
      #expect(stale.status == .conflict && stale.text.contains("Somebody else saved settings"))
      let refused = try await browser.post("/instances/shop/settings", "revision=2&workers=9999&\(whole)")
      #expect(refused.status == .unprocessableContent)
      #expect(refused.text.contains(#"id="field-workers-error""#) && refused.text.contains(#"value="9999""#))
    }
  }

  @Test func `settings are advised by the memory of the server, not by its cores alone`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop", stage: "production")
    try await browse("owner", hosting) { browser in
      let roomy = try await browser.get("/instances/shop/settings").text
      #expect(roomy.contains("5 workers of at most 2048 MB and 1 cron thread are advised on this stage."))
      #expect(roomy.contains("They need about 2.0 GB and serve about 30 users at once."))
      hosting.state.withLock { $0.servers[0].facts.memoryMB = 2_000 }
      let short = try await browser.get("/instances/shop/settings").text
      #expect(short.contains("5 workers, as advised on this stage, need more than that."))
      #expect(short.contains("Memory is the limit: 3 workers of 300 MB and 512 MB for the rest."))
    }
  }

  @Test func `each part of the settings saves its own, and leaves the others`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let saved = try await browser.post(
        "/instances/shop/settings/postgresql",
        "revision=1&postgres.extensions=unaccent%0Apostgis&postgres.conf=work_mem+%3D+16MB&database.memoryMB=2048"
      )
      #expect(saved.headers[.location] == "/instances/shop/settings/postgresql")
      let packages = try await browser.post(
        "/instances/shop/settings/packages",
        "revision=2&packages.odoo=libcups2-dev%0D%0Alibpq-dev&packages.python=openpyxl%3D%3D3.1.5&packages.database="
      )
      #expect(packages.status == .seeOther)
      let settings = hosting.state.withLock { $0.instances[0].settings }
      #expect(settings.postgres.extensions == ["postgis", "unaccent"])
      #expect(settings.postgres.conf == "work_mem = 16MB" && settings.database.memoryMB == 2048)
      #expect(settings.packages.odoo == ["libcups2-dev", "libpq-dev"])
      #expect(settings.packages.python == ["openpyxl==3.1.5"] && settings.workers == nil)
      let page = try await browser.get("/instances/shop/settings/packages").text
      #expect(page.contains("libcups2-dev\nlibpq-dev</textarea>"))
      #expect(page.contains("Saved settings wait for a hard restart."))
    }
  }

  @Test func `a preview says what would change and how it takes effect, and saves nothing`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      let page = try await browser.post(
        "/instances/shop/settings/packages",
        "revision=1&preview=yes&packages.odoo=libcups2-dev&packages.python=&packages.database=")
      #expect(page.status == .ok && page.text.contains("Saving changes 1 setting."))
      #expect(page.text.contains("<del>none</del>") && page.text.contains("<ins>libcups2-dev</ins>"))
      #expect(page.text.contains("an image with the packages is built first"))
      #expect(page.text.contains("libcups2-dev</textarea>"))
      let same = try await browser.post(
        "/instances/shop/settings/packages", "revision=1&preview=yes&packages.odoo=")
      #expect(same.text.contains("Nothing would change."))
    }
    #expect(hosting.state.withLock { $0.instances[0].settings.packages.isEmpty })
    #expect(hosting.state.withLock { $0.instances[0].settingsRevision } == 1)
  }

  @Test func `a package that cannot be one is refused at its field`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      for bad in ["--allow-downgrades", "curl%3Breboot", "CURL"] {
        let refused = try await browser.post(
          "/instances/shop/settings/packages", "revision=1&packages.odoo=\(bad)")
        #expect(refused.status == .unprocessableContent, "\(bad)")
        #expect(refused.text.contains(#"id="field-packages-odoo-error""#))
      }
    }
  }

  @Test func `how to reach the database is said to whom may connect as users, and only when he asks`()
    async throws
  {
    let ask = "Show how to reach the database"
    let hosting = PlayedHosting()
    try await made(hosting, "erp")
    try await browse("owner", hosting) { browser in
      let before = try await browser.get("/instances/erp").text
      #expect(before.contains(ask) && !before.contains("played secret"))
      let after = try await browser.post("/instances/erp/database", "")
      #expect(after.status == .ok && after.text.contains("played secret") && !after.text.contains(ask))
      #expect(after.text.contains("-p 2222 YOU@203.0.113.7") && after.text.contains("psql --host=127.0.0.1"))
      #expect(after.headers[.cacheControl] == "no-store")
    }
    try await browse("viewer", hosting) { browser in
      #expect(!(try await browser.get("/instances/erp").text.contains(ask)))
      let refused = try await browser.post("/instances/erp/database", "")
      #expect(refused.status == .forbidden && !refused.text.contains("played secret"))
    }
  }
}
