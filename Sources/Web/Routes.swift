import Hummingbird

/// Takes routes, each with its declared access, and puts them into the router. `Routes` is the only way in:
/// ``check()`` refuses a router that has a route from elsewhere.
struct Routes {
  /// What answers a request on a route.
  typealias Handler = @Sendable (Request, WebContext) async throws -> Response

  let router: Router<WebContext>
  private let admission: Admission
  private let prefix: String
  private let table: RouteTable

  init(router: Router<WebContext>, admission: Admission, table: RouteTable) {
    self.router = router
    self.admission = admission
    self.table = table
    prefix = ""
  }

  private init(_ routes: Routes, prefix: String) {
    router = routes.router
    admission = routes.admission
    table = routes.table
    self.prefix = prefix
  }

  /// The routes below `path`.
  func under(_ path: String) -> Routes { Routes(self, prefix: prefix + path) }

  /// Declares a route. The handler runs only for who has `access`.
  func on(_ method: HTTPRequest.Method, _ path: String, _ access: Access, _ handler: @escaping Handler) {
    let declared = DeclaredRoute(method: method, path: prefix + path, access: access)
    table.add(declared)
    router.on(RouterPath(declared.path), method: method) { [admission] request, context in
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
