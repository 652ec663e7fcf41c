import Client
import Hummingbird

/// The HTTP API, version 1.
struct APIDoor: Door {
  let root = "/api"

  func addRoutes(to routes: Routes) {}

  func answer(to problem: API.Problem, _ request: Request, _ context: WebContext) throws -> Response {
    try Self.problem(problem)
  }

  /// `problem` as RFC 9457 has it.
  static func problem(_ problem: API.Problem) throws -> Response {
    var response = try Response.json(problem, status: .init(code: problem.status))
    response.headers[.contentType] = "application/problem+json"
    return response
  }
}
