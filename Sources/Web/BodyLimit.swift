import Hummingbird
import NIOCore

/// Refuses a body that says that it is too large, before any of it is read. One that does not say is cut off by who
/// reads it.
struct BodyLimit: RouterMiddleware {
  func handle(
    _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    if let length = request.headers[.contentLength].flatMap(Int.init), length > context.maxUploadSize {
      throw NIOTooManyBytesError(maxBytes: context.maxUploadSize)
    }
    return try await next(request, context)
  }
}
