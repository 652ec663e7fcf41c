import Foundation
import Hosting
import Hummingbird

/// Decides whether a request reaches its route: who asks, whether a foreign site made the browser ask, and whether the
/// route is for him.
struct Admission: Sendable {
  let identities: Identities
  let cookie: SessionCookie
  let outside: Outside
  /// What each token may ask.
  let tokenLimit: RateLimit
  /// How often each address may show a token that is none.
  let strangerLimit: RateLimit

  init(identities: Identities, configuration: WebConfiguration) {
    self.identities = identities
    cookie = SessionCookie(secure: configuration.isSecure)
    outside = Outside(
      publicURL: configuration.publicURL, trustedProxies: configuration.trustedProxies,
      hasTLS: configuration.certificate != nil)
    let rate = configuration.tokenRequestsPerSecond
    strangerLimit = RateLimit(RequestRate(atOnce: configuration.strangeTokensAtOnce, perSecond: 0.5))
    tokenLimit = RateLimit(RequestRate(atOnce: max(1, rate * 10), perSecond: rate))
  }

  /// The context with the visitor in it.
  ///
  /// - Throws: `HostingError` with code `unauthenticated`, `forbidden`, or `notFound` for an organisation that is not
  ///   the visitor's.
  func admit(_ request: Request, _ context: WebContext, to access: Access) async throws -> WebContext {
    var context = context
    if access != .open {
      let address = outside.address(request, context)
      context.visitor = try await limitedVisitor(of: request, at: address).coming(from: address)
      context.isStillAdmitted = { [visitor = context.visitor] in
        try await isStill(visitor, behind: request, with: access)
      }
      try access.check(context.visitor)
    }
    if case .token = context.visitor { return context }
    try refuseForeignSite(request, context)
    return context
  }

  /// As `visitor`, and counts: requests of a token by it, tokens that are none by the address.
  ///
  /// - Throws: `HostingError`, also with code `tooMany`.
  private func limitedVisitor(of request: Request, at address: String) async throws -> Visitor {
    guard request.headers[.authorization] != nil else { return try await visitor(of: request) }
    try strangerLimit.check(address)
    do {
      let visitor = try await visitor(of: request)
      if let token = visitor.actor?.token {
        try tokenLimit.check(token.id.uuidString)
        tokenLimit.count(token.id.uuidString)
      }
      return visitor
    } catch let error as HostingError where error.code == .unauthenticated {
      strangerLimit.count(address)
      throw error
    }
  }

  /// Who sent `request`, also on open routes, where nobody has to be anybody.
  func visitor(of request: Request) async throws -> Visitor {
    if let authorization = request.headers[.authorization] {
      guard let secret = Self.bearer(authorization),
        var actor = try await identities.token(secret, request.organisation)
      else {
        throw HostingError(
          .unauthenticated, "The token is unknown, was revoked or is over.",
          suggestion: "Make a new one in the console, or sign in again with: odeum login")
      }
      actor.door = request.headers[.userAgent]?.hasPrefix("odeum/") == true ? .cli : .api
      return .token(actor)
    }
    guard let session = request.cookies[cookie.name]?.value,
      let actor = try await identities.session(session, request.organisation)
    else {
      return .nobody
    }
    return .session(actor)
  }

  /// Who sent `request`, for the page that tells him of an error: in the organisation that he named, or in that of his
  /// session where the named one is not his.
  func visitorAnywhere(of request: Request) async throws -> Visitor {
    guard let session = request.cookies[cookie.name]?.value else { return .nobody }
    do {
      return try await identities.session(session, request.organisation).map(Visitor.session) ?? .nobody
    } catch let error as HostingError where error.code == .notFound {
      return try await identities.session(session, nil).map(Visitor.session) ?? .nobody
    }
  }

  private func isStill(_ visitor: Visitor, behind request: Request, with access: Access) async throws -> Bool
  {
    do {
      let now = try await self.visitor(of: request)
      try access.check(now)
      // What is under way goes on with what he could do and reach when it began.
      return now.actor?.standing == visitor.actor?.standing
    } catch let error as HostingError where [.unauthenticated, .forbidden, .notFound].contains(error.code) {
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

extension Actor {
  /// Who he is, and all that says what he may do and what exists for him.
  fileprivate struct Standing: Equatable {
    var person: UUID
    var organisation: UUID
    var role: Role
    var grants: Grants
    var scopes: Set<Permission>?
    var isOperator: Bool
  }

  fileprivate var standing: Standing {
    Standing(
      person: userID, organisation: organisationID, role: role, grants: grants, scopes: scopes,
      isOperator: isOperator)
  }
}
