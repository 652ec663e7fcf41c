import Client
import Hosting
import Hummingbird

/// The hosts on which instances run. Who may change one depends on whose it is, which the use cases know.
struct ServerController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/servers", .permission(.viewServers), servers)
    routes.post("/servers", .permission(.viewServers), add)
    routes.post("/servers/host-key", .permission(.viewServers), hostKeys)
    routes.get("/servers/placement", .permission(.viewServers), placement)
    routes.get("/servers/{ref}", .permission(.viewServers), server)
    routes.patch("/servers/{ref}", .permission(.viewServers), change)
    routes.delete("/servers/{ref}", .permission(.viewServers), remove)
    routes.get("/servers/{ref}/jobs", .permission(.viewServers), jobs)
    routes.post("/servers/{ref}/validate", .permission(.viewServers)) { _, context in
      try .accepted(
        try await hosting.validateServer(try context.parameter("ref"), by: context.actor))
    }
    routes.post("/servers/{ref}/prepare", .permission(.viewServers)) { _, context in
      try .accepted(try await hosting.prepareServer(try context.parameter("ref"), by: context.actor))
    }
    for (word, mode) in [
      ("drain", Server.Mode.draining), ("maintenance", .maintenance), ("activate", .active),
    ] {
      routes.post("/servers/{ref}/\(word)", .permission(.viewServers)) { _, context in
        try .json(
          API.Server(
            try await hosting.setMode(of: try context.parameter("ref"), to: mode, by: context.actor)))
      }
    }
  }

  private func servers(_ request: Request, _ context: WebContext) async throws -> Response {
    let servers = try await hosting.servers(by: context.actor)
    return try .json(API.Page(items: servers.map(API.Server.init), nextCursor: nil))
  }

  private func server(_ request: Request, _ context: WebContext) async throws -> Response {
    try .json(API.Server(try await hosting.server(try context.parameter("ref"), by: context.actor)))
  }

  private func hostKeys(_ request: Request, _ context: WebContext) async throws -> Response {
    let question = try await request.json(as: API.ScanHostKey.self, context)
    let keys = try await hosting.hostKeys(
      of: question.address, port: question.port ?? 22, by: context.actor)
    return try .json(API.Page(items: keys.map(API.HostKey.init), nextCursor: nil))
  }

  private func placement(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "stage", "workers")
    let workers = try query.number("workers", in: 0...200)
    let suggestions = try await hosting.suggestPlacement(
      .init(stage: try query.word("stage", as: Stage.self) ?? .production, workers: workers),
      by: context.actor)
    return try .json(API.Page(items: suggestions.map(API.Placement.init), nextCursor: nil))
  }

  private func add(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.AddServer.self, context)
    let added = try await hosting.addServer(
      try NewServer(wish), idempotencyKey: try request.idempotencyKey(of: wish), by: context.actor)
    var response = try Response.json(API.ChangedServer(added), status: .created)
    response.headers[.location] = "\(API.root)/servers/\(added.server.name)"
    return response
  }

  private func change(_ request: Request, _ context: WebContext) async throws -> Response {
    let change = try await request.json(as: API.ChangeServer.self, context)
    let changed = try await hosting.editServer(
      try context.parameter("ref"), ServerChange(change), by: context.actor)
    return try .json(API.ChangedServer(changed))
  }

  private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "force")
    let force = try query.word("force", as: YesOrNo.self) == .yes
    try await hosting.removeServer(try context.parameter("ref"), force: force, by: context.actor)
    return Response(status: .noContent)
  }

  private func jobs(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "limit", "cursor")
    let page = try await hosting.operations(
      onServer: try context.parameter("ref"), page: query.page(), by: context.actor)
    return try .json(API.Page(page, API.Job.init))
  }

  private enum YesOrNo: String, CaseIterable {
    case yes = "true"
    case no = "false"
  }
}
