import HTTPTypes
import Hosting
import Hummingbird

/// Takes routes, each with its declared access, and puts them into the router. `Routes` is the only way in:
/// ``check()`` refuses a router that has a route from elsewhere.
struct Routes {
  /// What answers a request on a route.
  typealias Handler = @Sendable (Request, WebContext) async throws -> Response

  let router: Router<WebContext>
  private let admission: Admission
  private let prefix: String
  let table: RouteTable
  /// Whether each route is about one organisation, and so is declared a second time in the place of that one.
  private let isOfOrganisation: Bool

  init(router: Router<WebContext>, admission: Admission, table: RouteTable) {
    self.router = router
    self.admission = admission
    self.table = table
    prefix = ""
    isOfOrganisation = false
  }

  private init(_ routes: Routes, prefix: String, isOfOrganisation: Bool) {
    router = routes.router
    admission = routes.admission
    table = routes.table
    self.prefix = prefix
    self.isOfOrganisation = isOfOrganisation
  }

  /// The routes below `path`.
  func under(_ path: String) -> Routes {
    Routes(self, prefix: prefix + path, isOfOrganisation: isOfOrganisation)
  }

  /// The pages of organisations: each is at `/o/SLUG/PATH`, and without that beginning for whoever belongs to one only.
  func ofOrganisation() -> Routes { Routes(self, prefix: prefix, isOfOrganisation: true) }

  /// Declares a route. The handler runs only for who has `access`.
  func on(_ method: HTTPRequest.Method, _ path: String, _ access: Access, _ handler: @escaping Handler) {
    guard isOfOrganisation else { return declare(method, prefix + path, access, handler) }
    declare(method, prefix + path, access) { request, context in
      guard case .session(let actor) = context.visitor, actor.memberships > 1 else {
        return try await handler(request, context)
      }
      guard method == .get else {
        throw HostingError(
          .invalid, "This address does not say for which of your organisations.",
          suggestion: "Load the page again, then repeat what you did.")
      }
      return .see(OrganisationPlace(slug: actor.organisationSlug).address(request.uri.string))
    }
    let below = path == "/" ? "" : path
    declare(method, "\(OrganisationPlace.root){organisation}" + prefix + below, access) { request, context in
      let place = OrganisationPlace(slug: try context.actor.organisationSlug)
      var response = try await handler(request, context)
      for name in [HTTPField.Name.location, .htmxRedirect] {
        response.headers[name] = response.headers[name].map(place.address)
      }
      return response
    }
  }

  private func declare(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ handler: @escaping Handler
  ) {
    table.add(DeclaredRoute(method: method, path: path, access: access))
    router.on(RouterPath(path), method: method) { [admission] request, context in
      try await handler(request, try await admission.admit(request, context, to: access))
    }
  }

  /// Declares a route that reads.
  func get(_ path: String, _ access: Access, _ handler: @escaping Handler) { on(.get, path, access, handler) }

  /// Declares a route that makes or does something.
  func post(_ path: String, _ access: Access, _ handler: @escaping Handler) {
    on(.post, path, access, handler)
  }

  /// Declares a route that changes some members.
  func patch(_ path: String, _ access: Access, _ handler: @escaping Handler) {
    on(.patch, path, access, handler)
  }

  /// Declares a route that removes.
  func delete(_ path: String, _ access: Access, _ handler: @escaping Handler) {
    on(.delete, path, access, handler)
  }

  /// Refuses a router with a route whose access nobody declared.
  ///
  /// - Throws: `UndeclaredRoute` with the first such route.
  func check() throws {
    let declared = table.routes
    for route in router.routes
    where !declared.contains(where: { $0.method == route.method && $0.path == route.path.description }) {
      throw UndeclaredRoute(method: route.method.rawValue, path: route.path.description)
    }
  }
}

/// A route that was put into the router without saying who may use it.
struct UndeclaredRoute: Error, Equatable, CustomStringConvertible {
  var method: String
  var path: String

  var description: String {
    "The route \(method) \(path) does not declare who may use it, so the server does not start. Declare it through Routes."
  }
}
