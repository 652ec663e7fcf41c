import Client
import Hummingbird

/// A way into the domain over HTTP: the API or the console. It adds its routes and says how an error looks there.
protocol Door: Sendable {
  /// The path under which errors are this door's to tell.
  var root: String { get }

  /// What to do where there is nothing at an address under ``root``.
  var elsewhere: String { get }

  /// Whether it shows pages to people. Who reads an address to which only forms go, by going back or by loading a
  /// page again, is then sent on to the page above it instead of being refused.
  var hasPages: Bool { get }

  /// Declares the routes.
  func addRoutes(to routes: Routes)

  /// The answer that tells of `problem`; the caller adds the status's own headers.
  func answer(to problem: API.Problem, _ request: Request, _ context: WebContext) async throws -> Response
}

extension Door {
  var hasPages: Bool { false }
}
