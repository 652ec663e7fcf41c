import Hosting
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore

/// The web server: every door's routes behind the same order of checks.
public struct WebServer: Sendable {
  /// The program that serves, also a `Service`.
  public let application: Application<RouterResponder<WebContext>>
  /// The certificate under which it serves TLS, nil where it does not; it must be kept fresh.
  public let certificate: CertificateKeeper?
  /// Every route, for tests that go through all of them.
  let routes: [DeclaredRoute]

  /// The server with `doors`, the first of which tells of errors at addresses that belong to none.
  ///
  /// - Throws: `UndeclaredRoute` where a route does not say who may use it; `CertificateError`.
  init(
    doors: [any Door], admission: Admission, health: Health, configuration: WebConfiguration,
    logger: Logger,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
  ) throws {
    let table = RouteTable()
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestLog(outside: admission.outside))
    router.add(middleware: SecurityHeaders(isSecure: configuration.isSecure))
    router.add(middleware: ErrorAnswers(doors: doors, table: table))
    router.add(middleware: BodyLimit())
    let routes = Routes(router: router, admission: admission, table: table)
    health.addRoutes(to: routes)
    for door in doors { door.addRoutes(to: routes) }
    try routes.check()
    self.routes = table.routes
    certificate = try configuration.certificate.map { try CertificateKeeper($0, logger: logger) }
    // A connection that asks for nothing is closed; open streams are not idle.
    let http = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(75)))
    application = Application(
      router: router,
      server: try certificate.map { try HTTPServerBuilder.tls(http, tlsConfiguration: $0.configuration) }
        ?? http,
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port)),
      onServerRunning: onServerRunning, logger: logger)
  }
}
