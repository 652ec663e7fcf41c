import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addServerRoutes(to routes: Routes) {
    routes.get("/servers", .permission(.viewServers)) { request, context in
      let actor = try context.actor
      let servers = try await hosting.servers(by: actor)
      let page = ServersPage(
        servers: servers.map { ServersPage.Card($0) },
        add: .addServer(actor, try await hosting.plan(by: actor)),
        strays: StraysView(try await strays(for: actor)))
      return try answer(page, "Servers", section: .servers, events: "/events", request, context)
    }
    addNewServerRoutes(to: routes)
    routes.get("/servers/{name}", .permission(.viewServers)) { request, context in
      try await serverPage(request, context)
    }
    addServerActionRoutes(to: routes.under("/servers/{name}"))
    addServerEditRoutes(to: routes.under("/servers/{name}"))
    addStrayRoutes(to: routes)
  }

  /// The server that the path names, for one who may change it.
  func controlledServer(_ context: WebContext) async throws -> Server {
    let server = try await hosting.server(context.parameter("name"), by: context.actor)
    try context.actor.requireControl(of: server)
    return server
  }

  private func serverPage(_ request: Request, _ context: WebContext) async throws -> Response {
    let actor = try context.actor
    let server = try await hosting.server(context.parameter("name"), by: actor)
    let jobs = try await hosting.operations(
      onServer: server.id.uuidString, page: PageRequest(limit: 8), by: actor)
    let instances = try await hosting.everyInstance(on: server.id, by: actor)
    var page = ServerPage(server, instances: instances, jobs: jobs.items, actor)
    page.strays = StraysView(try await strays(for: actor).filter { $0.server == server.id })
    return try answer(page, server.name, section: .servers, events: "/events", request, context)
  }

  private func addServerActionRoutes(to routes: Routes) {
    for (word, mode, text) in [
      ("drain", Server.Mode.draining, "takes no new instances"),
      ("maintenance", .maintenance, "is in maintenance"),
      ("activate", .active, "takes new instances"),
    ] {
      routes.post("/\(word)", .permission(.viewServers)) { _, context in
        try await act(context) { name, actor in
          _ = try await hosting.setMode(of: name, to: mode, by: actor)
          return "\(name) \(text)."
        }
      }
    }
    routes.post("/validate", .permission(.viewServers)) { _, context in
      let job = try await hosting.validateServer(try context.parameter("name"), by: context.actor)
      return .see("/jobs/\(job.id)")
    }
    routes.post("/prepare", .permission(.viewServers)) { _, context in
      let job = try await hosting.prepareServer(try context.parameter("name"), by: context.actor)
      return .see("/jobs/\(job.id)")
    }
    routes.get("/prepare", .permission(.viewServers)) { request, context in
      let page = AskPage.prepare(try await controlledServer(context))
      return try answer(page, page.heading, section: .servers, narrow: true, request, context)
    }
    routes.get("/remove", .permission(.viewServers)) { request, context in
      try await askRemoval(FormState(), .ok, request, context)
    }
    routes.post("/remove", .permission(.viewServers)) { request, context in
      try await remove(request, context)
    }
  }

  private func act(
    _ context: WebContext, _ work: (String, Actor) async throws -> String
  ) async throws -> Response {
    let name = try context.parameter("name")
    return try await saying(at: "/servers/\(name.inAddress)") { try await work(name, context.actor) }
  }

  private func askRemoval(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let page = AskPage.remove(try await controlledServer(context), state)
    return try answer(page, page.heading, section: .servers, narrow: true, status: status, request, context)
  }

  private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    let name = try context.parameter("name")
    do {
      guard form["confirm"] == name else {
        let text = "Type \(name), exactly so; nothing was removed."
        throw HostingError(.invalid, text, fields: [.init("confirm", text)])
      }
      try await hosting.removeServer(name, force: form.has("force"), by: context.actor)
      return see("/servers", Flash(kind: .good, text: "\(name) is removed."))
    } catch let error as HostingError where [.invalid, .conflict].contains(error.code) {
      return try await askRemoval(
        FormState(form: form, error: error), .init(code: error.code.status), request, context)
    }
  }
}

extension ActionView {
  static func addServer(_ actor: Actor, _ plan: PlanUse) -> ActionView {
    ActionView(
      id: "add-server", label: "Add server", icon: "plus", style: "primary", href: "/servers/new",
      refused: actor.can(.manageServers)
        ? plan.refusalOfOneMore(.servers)?.description
        : "Your role “\(actor.role.rawValue)” does not allow adding servers. Ask an owner or admin.")
  }
}

extension AskPage {
  fileprivate init(server: Server, _ heading: String, action: String, button: String) {
    let path = "/servers/\(server.name.inAddress)"
    self.init(
      crumbs: [LinkView(label: "Servers", href: "/servers"), LinkView(label: server.name, href: path)],
      heading: heading, action: "\(path)/\(action)", button: button, back: path)
  }

  fileprivate static func prepare(_ server: Server) -> AskPage {
    var page = AskPage(server: server, "Prepare \(server.name)", action: "prepare", button: "Prepare")
    page.text = "Makes a bare Debian or Ubuntu fit for instances. What is there already is left as it is."
    page.points = [
      "Missing packages are installed by apt: Docker, nginx, certbot, restic, curl, git.",
      "Containers go on while Docker restarts (live-restore in daemon.json).",
      "The folders /var/lib/odeum and /var/lib/odeum-instances are made.", "It is validated then.",
    ]
    return page
  }

  fileprivate static func remove(_ server: Server, _ state: FormState) -> AskPage {
    var page = AskPage(server: server, "Remove \(server.name)", action: "remove", button: "Remove")
    page.style = "danger-solid"
    page.problem = state.problem()
    page.text = "Takes \(server.name) out of Odeum. Nothing is changed on it; its key is forgotten."
    if server.instances > 0 {
      page.points = [
        "It holds \(countText(server.instances, "instance")), which have to be removed first.",
        "If the machine is gone for good: odeum server rm \(server.name) --force",
      ]
    }
    page.field = state.filling(
      TextField(
        name: "confirm", label: "Type \(server.name) to confirm", autocomplete: "off", required: true,
        focus: true))
    return page
  }
}
