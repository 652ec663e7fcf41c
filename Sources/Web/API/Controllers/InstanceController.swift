import Client
import Hosting
import Hummingbird

/// Odoo environments, and what is done with them.
struct InstanceController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/instances", .permission(.viewInstances), instances)
    routes.post("/instances", .permission(.createInstances), create)
    routes.get("/instances/{ref}", .permission(.viewInstances), instance)
    routes.patch("/instances/{ref}", .permission(.changeSettings), move)
    routes.delete("/instances/{ref}", .permission(.removeInstances), remove)
    routes.post("/instances/{ref}/start", .permission(.restartInstances), start)
    routes.post("/instances/{ref}/stop", .permission(.stopInstances), stop)
    routes.post("/instances/{ref}/restart", .permission(.restartInstances), restart)
    routes.patch("/instances/{ref}/settings", .permission(.changeSettings), changeSettings)
    routes.post("/instances/{ref}/database-access", .permission(.connectAsUsers)) { _, context in
      try .json(
        API.DatabaseAccess(
          try await hosting.databaseAccess(of: try context.parameter("ref"), by: context.actor)))
    }
    routes.post("/instances/{ref}/settings/preview", .permission(.changeSettings), previewSettings)
  }

  private func instances(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "server", "stage", "status", "search", "limit", "cursor")
    let page = try await hosting.instances(
      on: try query.id("server"), stage: query.word("stage", as: Stage.self),
      status: query.word("status", as: InstanceStatus.self),
      search: query.text("search"), page: query.page(), by: context.actor)
    return try .json(API.Page(page, API.InstanceSummary.init))
  }

  private func create(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.CreateInstance.self, context)
    let key = try request.idempotencyKey(of: wish)
    let created = try await hosting.createInstance(NewInstance(wish), idempotencyKey: key, by: context.actor)
    var response = try Response.json(API.CreatedInstance(created), status: .accepted)
    response.headers[.location] = "\(API.root)/instances/\(created.instance.name)"
    return response
  }

  private func instance(_ request: Request, _ context: WebContext) async throws -> Response {
    let instance = try await hosting.instance(try context.parameter("ref"), by: context.actor)
    var response = try Response.json(API.Instance(instance))
    response.headers[.eTag] = Revision(instance.settingsRevision).text
    return response
  }

  private func move(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.MoveInstance.self, context)
    guard let stage = Stage(rawValue: wish.stage) else {
      let message =
        "There is no stage “\(wish.stage)”; choose \(Stage.allCases.map(\.rawValue).joined(separator: ", "))."
      throw HostingError(.invalid, message, fields: [.init("stage", message)])
    }
    let moved = try await hosting.moveInstance(try context.parameter("ref"), to: stage, by: context.actor)
    return try .json(API.Instance(moved))
  }

  private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
    try .accepted(try await hosting.removeInstance(try context.parameter("ref"), by: context.actor))
  }

  private func start(_ request: Request, _ context: WebContext) async throws -> Response {
    try .accepted(try await hosting.startInstance(try context.parameter("ref"), by: context.actor))
  }

  private func stop(_ request: Request, _ context: WebContext) async throws -> Response {
    try .accepted(try await hosting.stopInstance(try context.parameter("ref"), by: context.actor))
  }

  private func restart(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.RestartInstance.self, context)
    guard let mode = RestartMode(rawValue: wish.mode) else {
      let message = "There is no restart “\(wish.mode)”; choose soft or hard."
      throw HostingError(.invalid, message, fields: [.init("mode", message)])
    }
    return try .accepted(
      try await hosting.restartInstance(try context.parameter("ref"), mode: mode, by: context.actor))
  }

  private func changeSettings(_ request: Request, _ context: WebContext) async throws -> Response {
    let change = try await request.json(as: API.SettingsChange.self, context)
    let changed = try await hosting.changeSettings(
      of: try context.parameter("ref"), SettingsChange(change),
      expectedRevision: try request.headers[.ifMatch].flatMap { try Revision(header: $0)?.number },
      by: context.actor)
    var response = try Response.json(API.ChangedSettings(changed))
    response.headers[.eTag] = Revision(changed.instance.settingsRevision).text
    return response
  }

  private func previewSettings(_ request: Request, _ context: WebContext) async throws -> Response {
    let change = try await request.json(as: API.SettingsChange.self, context)
    return try .json(
      API.SettingsPreview(
        try await hosting.previewSettings(
          of: try context.parameter("ref"), SettingsChange(change), by: context.actor)))
  }
}

extension Response {
  /// The answer to a request that became `operation`.
  static func accepted(_ operation: Operation) throws -> Response {
    let job = API.Job(operation)
    var response = try Response.json(job, status: .accepted)
    response.headers[.location] = "\(API.root)/jobs/\(job.id.uuidString.lowercased())"
    return response
  }
}
