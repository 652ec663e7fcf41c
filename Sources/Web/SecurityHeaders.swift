import HTTPTypes
import Hummingbird

/// Headers that tell browsers what an answer may not do. A handler that sets one itself keeps it.
struct SecurityHeaders: RouterMiddleware {
  let isSecure: Bool

  /// What a page may load: its own files, and nothing inline.
  static let pagePolicy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
  ].joined(separator: "; ")

  /// What anything else may load: nothing.
  static let dataPolicy = "default-src 'none'; frame-ancestors 'none'"

  func handle(
    _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    let isPage = response.headers[.contentType]?.hasPrefix("text/html") == true
    var headers: [(HTTPField.Name, String)] = [
      (.contentSecurityPolicy, isPage ? Self.pagePolicy : Self.dataPolicy), (.xContentTypeOptions, "nosniff"),
      // With `no-referrer`, browsers would send `Origin: null` with our own forms.
      (.referrerPolicy, "same-origin"), (.frameOptions, "DENY"), (.crossOriginOpenerPolicy, "same-origin"),
      (.crossOriginResourcePolicy, "same-origin"), (.cacheControl, "no-store"),
    ]
    if isSecure { headers.append((.strictTransportSecurity, "max-age=31536000")) }
    for (name, value) in headers where response.headers[name] == nil { response.headers[name] = value }
    return response
  }
}
