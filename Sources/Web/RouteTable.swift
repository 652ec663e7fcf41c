import Hummingbird
import Synchronization

/// One route as it was declared.
struct DeclaredRoute: Sendable, Equatable {
  var method: HTTPRequest.Method
  /// The path with its parameters in braces.
  var path: String
  var access: Access
}

/// Every route that was declared.
final class RouteTable: Sendable {
  private let list = Mutex<[DeclaredRoute]>([])

  /// The routes, in the order in which they were declared.
  var routes: [DeclaredRoute] { list.withLock { $0 } }

  /// Who may use the route; nil where there is none.
  func access(_ method: String, _ path: String) -> Access? {
    routes.first { $0.method.rawValue == method && $0.path == path }?.access
  }

  func add(_ route: DeclaredRoute) {
    list.withLock { $0.append(route) }
  }

  /// The methods that the routes at `path` take; empty where there is no such path. Where words and parameters fit, the
  /// words count, as they do for the router.
  func methods(at path: String) -> [HTTPRequest.Method] {
    let segments = path.split(separator: "/")
    let fitting = routes.filter { route in
      let pattern = route.path.split(separator: "/")
      return pattern.count == segments.count
        && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    func parameters(_ route: DeclaredRoute) -> Int { route.path.count { $0 == "{" } }
    let fewest = fitting.map(parameters).min()
    return fitting.filter { parameters($0) == fewest }.map(\.method)
  }

  /// The nearest address above `path` at which there is something to read; nil where there is none.
  func page(above path: String) -> String? {
    var segments = path.split(separator: "/")
    while !segments.isEmpty {
      segments.removeLast()
      let above = "/" + segments.joined(separator: "/")
      if methods(at: above).contains(.get) { return above }
    }
    return nil
  }
}
