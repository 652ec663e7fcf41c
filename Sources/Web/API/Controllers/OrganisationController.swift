import Client
import Hosting
import Hummingbird

/// The organisations that one belongs to and the plan of the one that is asked for; for operators, all of them.
struct OrganisationController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/organisations", .signedIn, memberships)
    routes.get("/plan", .signedIn, plan)
    routes.get("/installation/organisations", .operators, organisations)
    routes.post("/installation/organisations", .operators, create)
    routes.get("/installation/organisations/{slug}", .operators, organisation)
    routes.patch("/installation/organisations/{slug}", .operators, change)
    routes.delete("/installation/organisations/{slug}", .operators, remove)
  }

  private func memberships(_ request: Request, _ context: WebContext) async throws -> Response {
    let memberships = try await hosting.memberships(by: context.actor)
    return try .json(API.Page(items: memberships.map { API.Membership($0) }, nextCursor: nil))
  }

  private func plan(_ request: Request, _ context: WebContext) async throws -> Response {
    try .json(API.PlanUse(try await hosting.plan(by: context.actor)))
  }

  private func organisations(_ request: Request, _ context: WebContext) async throws -> Response {
    let organisations = try await hosting.organisations(by: context.actor)
    return try .json(API.Page(items: organisations.map { API.Organisation($0) }, nextCursor: nil))
  }

  private func organisation(_ request: Request, _ context: WebContext) async throws -> Response {
    let organisation = try await hosting.organisation(try context.parameter("slug"), by: context.actor)
    return try .json(API.Organisation(organisation))
  }

  private func create(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.CreateOrganisation.self, context)
    let made = try await hosting.createOrganisation(
      slug: wish.slug, name: wish.name, owner: wish.owner,
      idempotencyKey: try request.idempotencyKey(of: wish),
      by: context.actor)
    var response = try Response.json(API.Organisation(made), status: .created)
    response.headers[.location] = "\(API.root)/installation/organisations/\(made.slug)"
    return response
  }

  private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.removeOrganisation(try context.parameter("slug"), by: context.actor)
    return Response(status: .noContent)
  }

  private func change(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.ChangeOrganisation.self, context)
    let changed = try await hosting.changeOrganisation(
      try context.parameter("slug"), name: wish.name, plan: try wish.plan.map { try Plan($0) },
      by: context.actor)
    return try .json(API.Organisation(changed))
  }
}
