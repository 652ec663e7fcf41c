import Client
import Hosting
import Hummingbird

/// Turns what was thrown into the answer of the door that was asked. An error that nobody foresaw goes to the log in
/// full, and outside as a number.
struct ErrorAnswers: RouterMiddleware {
  let doors: [any Door]
  let table: RouteTable

  func handle(
    _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      return try await answer(to: error, request, context)
    }
  }

  private func answer(to error: any Error, _ request: Request, _ context: WebContext) async throws -> Response
  {
    let allowed = (error as? HTTPError)?.status == .notFound ? table.methods(at: request.uri.path) : []
    let isWrongMethod = !allowed.isEmpty
    let door = doors.first { request.uri.path.hasPrefix($0.root) } ?? doors[0]
    if isWrongMethod, request.method == .get, door.hasPages, let page = table.page(above: request.uri.path) {
      return .see(page)
    }
    var problem = API.Problem(error, incident: context.requestID, elsewhere: door.elsewhere)
    if isWrongMethod {
      problem = API.Problem(
        status: 405, code: HostingError.Code.invalid.rawValue,
        title: "\(request.method.rawValue) is not possible at this address.",
        suggestion: "It takes \(allowed.map(\.rawValue).joined(separator: ", ")).")
    }
    if problem.incident != nil {
      context.logger.error("Unforeseen error", metadata: ["error": "\(String(reflecting: error))"])
    }
    var response = try await door.answer(to: problem, request, context)
    if isWrongMethod { response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ") }
    if problem.status == 401 { response.headers[.wwwAuthenticate] = #"Bearer realm="odeum""# }
    if let wait = (error as? HostingError)?.retryAfter {
      response.headers[.retryAfter] = String(
        max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)))
    }
    return response
  }
}
