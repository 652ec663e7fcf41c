import Hummingbird

/// One line for each request: what was asked, what was answered, and how long that took. Queries, bodies and headers
/// are not logged, and neither is a path that holds a secret.
struct RequestLog: RouterMiddleware {
  let outside: Outside

  func handle(
    _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    let began = ContinuousClock.now
    var response = try await next(request, context)
    response.headers[.requestID] = context.requestID
    let took = (ContinuousClock.now - began).components
    let milliseconds = Double(took.seconds) * 1000 + Double(took.attoseconds / 1_000_000_000_000) / 1000
    context.logger.log(
      level: Self.isRoutine(request) ? .debug : .info, "Request",
      metadata: [
        "method": "\(request.method.rawValue)", "path": "\(Self.path(request, context))",
        "status": "\(response.status.code)", "ms": "\(milliseconds)",
        "address": "\(outside.address(request, context))",
      ])
    return response
  }

  /// The path, or the route's pattern where a part of the path is a secret.
  private static func path(_ request: Request, _ context: WebContext) -> String {
    guard let pattern = context.endpointPath, pattern.contains("{token}") else { return request.uri.path }
    return pattern
  }

  /// Health checks and the console's files say nothing that anybody wants to read.
  private static func isRoutine(_ request: Request) -> Bool {
    ["/healthz", "/readyz", "/assets/"].contains { request.uri.path.hasPrefix($0) }
  }
}
