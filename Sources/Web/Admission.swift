import Hosting
import Hummingbird

/// Decides whether a request reaches its route: who asks, whether a foreign site made the browser ask, and whether the
/// route is for him.
struct Admission: Sendable {
  let identities: Identities
  let cookie: SessionCookie
  let outside: Outside

  init(identities: Identities, configuration: WebConfiguration) {
    self.identities = identities
    cookie = SessionCookie(secure: configuration.isSecure)
    outside = Outside(publicURL: configuration.publicURL, trustedProxies: configuration.trustedProxies)
  }

  /// The context with the visitor in it.
  ///
  /// - Throws: `HostingError` with code `unauthenticated` or `forbidden`.
  func admit(_ request: Request, _ context: WebContext, to access: Access) async throws -> WebContext {
    var context = context
    if access != .open {
      context.visitor = try await visitor(of: request).coming(from: outside.address(request, context))
      context.isStillAdmitted = { [visitor = context.visitor] in
        try await isStill(visitor, behind: request, with: access)
      }
      try access.check(context.visitor)
    }
    if case .token = context.visitor { return context }
    try refuseForeignSite(request, context)
    return context
  }

  /// Who sent `request`, also on open routes, where nobody has to be anybody.
  func visitor(of request: Request) async throws -> Visitor {
    if let authorization = request.headers[.authorization] {
      guard let secret = Self.bearer(authorization), var actor = try await identities.token(secret) else {
        throw HostingError(
          .unauthenticated, "The token is unknown, was revoked or is over.",
          suggestion: "Make a new one in the console, or sign in again with: odeum login")
      }
      actor.door = request.headers[.userAgent]?.hasPrefix("odeum/") == true ? .cli : .api
      return .token(actor)
    }
    guard let session = request.cookies[cookie.name]?.value, let actor = try await identities.session(session)
    else {
      return .nobody
    }
    return .session(actor)
  }

  private func isStill(_ visitor: Visitor, behind request: Request, with access: Access) async throws -> Bool
  {
    do {
      let now = try await self.visitor(of: request)
      try access.check(now)
      return now.actor?.userID == visitor.actor?.userID
    } catch let error as HostingError where error.code == .unauthenticated || error.code == .forbidden {
      return false
    }
  }

  private static func bearer(_ header: String) -> String? {
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return parts[1].trimmingCharacters(in: .whitespaces)
  }

  /// Refuses a change that a browser asks for on behalf of another site. Browsers say so in `Sec-Fetch-Site` where the
  /// connection is secure or local, and in `Origin` with every POST; a change without either is refused too.
  private func refuseForeignSite(_ request: Request, _ context: WebContext) throws {
    guard ![.get, .head, .options].contains(request.method) else { return }
    if let site = request.headers[.secFetchSite] {
      if site == "same-origin" || site == "none" { return }
    } else if let origin = request.headers[.origin], outside.isOwn(origin: origin, request, context) {
      return
    }
    throw HostingError(
      .forbidden, "This request was made by another site, or by something that does not say who made it.",
      suggestion: "Use the console’s own pages; programs send a token as “Authorization: Bearer …”.")
  }
}
