import Client
import Hosting
import Hummingbird

/// The HTTP API, version 1.
struct APIDoor: Door {
  let root = "/api"
  let elsewhere = "Check the address; GET /api/v1/openapi.yaml lists the API's."
  let hosting: Hosting
  let heartbeat: Duration
  let outside: Outside

  func addRoutes(to routes: Routes) {
    let routes = routes.under(API.root)
    OpenAPIController().addRoutes(to: routes)
    AccountController(hosting: hosting).addRoutes(to: routes)
    OrganisationController(hosting: hosting).addRoutes(to: routes)
    InstallationController(hosting: hosting).addRoutes(to: routes)
    SecurityController(hosting: hosting).addRoutes(to: routes)
    ServerController(hosting: hosting).addRoutes(to: routes)
    StrayController(hosting: hosting).addRoutes(to: routes)
    InstanceController(hosting: hosting).addRoutes(to: routes)
    InstanceLogController(hosting: hosting, heartbeat: heartbeat).addRoutes(to: routes)
    MailController(hosting: hosting).addRoutes(to: routes)
    MemberController(hosting: hosting, outside: outside).addRoutes(to: routes)
    AuditController(hosting: hosting).addRoutes(to: routes)
    JobController(hosting: hosting, heartbeat: heartbeat).addRoutes(to: routes)
  }

  func answer(to problem: API.Problem, _ request: Request, _ context: WebContext) throws -> Response {
    let isBrowser =
      request.headers[.authorization] == nil && request.headers[.accept]?.contains("text/html") == true
    if problem.status == 401, isBrowser, request.uri.path.hasPrefix(API.root), request.method == .get {
      return .see("/sign-in?back=\(request.uri.string.inAddress)")
    }
    return try Self.problem(problem)
  }

  /// `problem` as RFC 9457 has it.
  static func problem(_ problem: API.Problem) throws -> Response {
    var response = try Response.json(problem, status: .init(code: problem.status))
    response.headers[.contentType] = "application/problem+json"
    return response
  }
}
