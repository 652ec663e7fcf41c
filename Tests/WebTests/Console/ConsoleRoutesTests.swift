import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct ConsoleRoutesTests {
  /// A browser of `person` at the console over `hosting`; nil is nobody.
  struct Browser {
    let client: any TestClientProtocol
    var person: String?

    func get(_ uri: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
      try await client.execute(uri: uri, method: .get, headers: cookies(headers))
    }

    func post(_ uri: String, _ form: String = "", site: String? = "same-origin") async throws -> TestResponse
    {
      var headers = cookies([.contentType: "application/x-www-form-urlencoded"])
      if let site { headers[.secFetchSite] = site }
      return try await client.execute(
        uri: uri, method: .post, headers: headers, body: ByteBuffer(string: form))
    }

    private func cookies(_ headers: HTTPFields) -> HTTPFields {
      var headers = headers
      if let person { headers[.cookie] = "odeum=\(person)" }
      return headers
    }
  }

  private func browse(
    _ person: String? = "owner", _ hosting: PlayedHosting = PlayedHosting(),
    configuration: WebConfiguration = WebConfiguration(), _ visit: @Sendable (Browser) async throws -> Void
  ) async throws {
    try await WebServer.console(hosting, configuration: configuration).application.test(.router) { client in
      try await visit(Browser(client: client, person: person))
    }
  }

  private func made(_ hosting: PlayedHosting, _ name: String, stage: String = "dev") async throws {
    var wish = NewInstance(name: name)
    wish.stage = stage
    let owner = try #require(hosting.state.withLock { $0.people["owner@example.org"] })
    let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: owner)
    for try await event in try await hosting.followOperation(created.operation.id, after: 0, by: owner) {
      if case .changed(let job) = event, job.isFinished { break }
    }
    while try await hosting.instance(name, by: owner).activeJob != nil { await Task.yield() }
  }

  @Test func `who is not signed in is sent to sign in, and comes back to where he wanted to go`() async throws
  {
    try await browse(nil) { browser in
      let answer = try await browser.get("/instances?stage=dev")
      #expect(answer.status == .seeOther)
      #expect(answer.headers[.location] == "/sign-in?back=%2Finstances%3Fstage%3Ddev")
      let page = try await browser.get(answer.headers[.location]!)
      #expect(page.text.contains(#"name="back" value="/instances?stage=dev""#))
      let signedIn = try await browser.post(
        "/sign-in", "email=owner%40example.org&password=correct+horse&back=/instances?stage=dev")
      #expect(signedIn.status == .seeOther && signedIn.headers[.location] == "/instances?stage=dev")
      #expect(
        signedIn.headers[values: .setCookie].contains {
          $0.hasPrefix("odeum=session-") && $0.contains("HttpOnly")
        })
    }
  }

  @Test func `nobody is sent to another site after signing in`() async throws {
    try await browse(nil) { browser in
      let answer = try await browser.post(
        "/sign-in", "email=owner%40example.org&password=correct+horse&back=//evil.example")
      #expect(answer.headers[.location] == "/instances")
    }
  }

  @Test func `a wrong password is told in the page, which keeps the address and not the password`()
    async throws
  {
    try await browse(nil) { browser in
      let answer = try await browser.post("/sign-in", "email=owner%40example.org&password=secret-guess")
      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("The address or the password is not right."))
      #expect(answer.text.contains("owner@example.org") && !answer.text.contains("secret-guess"))
      #expect(answer.headers[values: .setCookie].isEmpty)
    }
  }

  @Test func `a link is not used up by looking at it, and works once`() async throws {
    try await browse(nil) { browser in
      for _ in 0..<3 {
        #expect(try await browser.get("/sign-in/link?token=choose").text.contains("Choose a password"))
      }
      let short = try await browser.post("/sign-in/link", "token=choose&password=short&repeated=short")
      #expect(short.status == .unprocessableContent && short.text.contains("at least 8 characters"))
      let differing = try await browser.post(
        "/sign-in/link", "token=choose&password=long+enough&repeated=long+enouhg")
      #expect(differing.status == .unprocessableContent && differing.text.contains("not the same"))
      let done = try await browser.post(
        "/sign-in/link", "token=choose&password=long+enough&repeated=long+enough")
      #expect(done.status == .seeOther && done.headers[.location] == "/instances")
      let again = try await browser.post(
        "/sign-in/link", "token=choose&password=long+enough&repeated=long+enough")
      #expect(again.status == .gone && again.text.contains("This link is over"))
    }
  }

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

  @Test func `no GET changes anything`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let job = hosting.state.withLock { $0.operations[0].id }
    _ = try await hosting.createToken(
      name: "laptop", expiresAt: nil, by: hosting.state.withLock { $0.people["owner@example.org"]! })
    let token = hosting.state.withLock { $0.tokens[0].id }
    let before = hosting.state.withLock { $0.changes }
    let routes = try WebServer.console(hosting).routes.filter { $0.method == .get && $0.path != "/events" }
    try await browse("owner", hosting) { browser in
      for route in routes {
        let id = route.path.hasPrefix("/jobs") ? job : token
        let path = route.path.replacing("{name}", with: "shop").replacing("{id}", with: id.uuidString)
        let status = try await browser.get(path + "?token=choose").status
        #expect(status.code < 400, "\(path)")
      }
    }
    #expect(hosting.state.withLock { $0.changes } == before)
    #expect(hosting.state.withLock { $0.links["choose"] } == .setPassword)
  }

  @Test func `no form does anything when another site sends it`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    let before = hosting.state.withLock { $0.changes }
    let routes = try WebServer.console(hosting).routes.filter { $0.method == .post }
    try await browse("owner", hosting) { browser in
      for route in routes {
        let path = route.path.replacing("{name}", with: "shop").replacing("{id}", with: UUID().uuidString)
        for site in ["cross-site", "same-site", nil] {
          let form = "name=x&confirm=shop&mode=soft&token=choose"
          let answer = try await browser.post(path, form, site: site)
          #expect(answer.status == .forbidden, "\(path)")
        }
      }
    }
    #expect(hosting.state.withLock { $0.changes } == before)
  }

  @Test func `a viewer is offered nothing that he may not do, and is refused it`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await browse("viewer", hosting) { browser in
      let page = try await browser.get("/instances/shop").text
      for action in ["restart", "stop", "remove"] { #expect(!page.contains("/instances/shop/\(action)\"")) }
      #expect(!page.contains("/instances/shop/logs"))
      #expect(try await browser.get("/instances").text.contains("does not allow creating instances"))
      for path in [
        "/instances/shop/stop", "/instances/shop/remove", "/instances", "/instances/shop/settings",
      ] {
        #expect(try await browser.post(path, "confirm=shop").status == .forbidden)
      }
      #expect(try await browser.get("/instances/shop/logs").status == .forbidden)
      let settings = try await browser.get("/instances/shop/settings").text
      #expect(settings.contains("cannot change them") && settings.contains("<fieldset disabled>"))
    }
  }

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

  @Test func `hostile lines and reasons are shown as text`() async throws {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    try await made(hosting, "shop-fails")
    try await browse("owner", hosting) { browser in
      let log = try await browser.get("/instances/shop/logs").text
      #expect(log.contains("&lt;script&gt;alert(&quot;log&quot;)") && !log.contains("<script>alert"))
      for path in ["/instances/shop-fails", "/instances", "/jobs", "/instances/shop-fails/queue"] {
        let page = try await browser.get(path).text
        #expect(
          page.contains("&lt;script&gt;alert(&#39;reason&#39;)") && !page.contains("<script>alert"), "\(path)"
        )
      }
      let file = try await browser.get("/instances/shop/logs.txt")
      #expect(file.headers[.contentType] == "text/plain; charset=utf-8")
      #expect(file.headers[.contentDisposition] == "attachment; filename=\"shop-odoo.txt\"")
      #expect(file.text.split(separator: "\n").count == 40)
    }
  }

  @Test func `pages forbid everything that is not theirs, and are kept nowhere`() async throws {
    try await browse { browser in
      let page = try await browser.get("/instances")
      let policy = try #require(page.headers[.contentSecurityPolicy])
      #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
      #expect(!policy.contains("unsafe"))
      #expect(page.headers[.cacheControl] == "no-store")
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
      #expect(try await browser.get("/assets/base.css").headers[.cacheControl] == "no-cache")
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
      let instance = try await browser.get("/instances/nothing")
      #expect(instance.status == .notFound && instance.text.contains("There is no instance “nothing”."))
    }
  }

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

extension TestResponse {
  fileprivate var text: String { String(buffer: body) }
}
