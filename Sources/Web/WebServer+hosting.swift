import Hosting
import Hummingbird
import Logging
import NIOCore

extension WebServer {
  /// The server with every door to `hosting`.
  ///
  /// - Parameter onServerRunning: called with the channel that listens, once it does.
  /// - Throws: `UndeclaredRoute` where a route does not say who may use it; `TemplateError` or `AssetError` where a file
  ///   of the console cannot be used.
  public init(
    hosting: Hosting, configuration: WebConfiguration, logger: Logger,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
  ) throws {
    let admission = Admission(
      identities: Identities(
        session: { try await hosting.actor(session: $0, in: $1) },
        token: { try await hosting.actor(apiToken: $0, in: $1) }),
      configuration: configuration)
    try self.init(
      doors: [
        APIDoor(hosting: hosting, heartbeat: configuration.heartbeat, outside: admission.outside),
        try ConsoleDoor(hosting: hosting, admission: admission, configuration: configuration),
      ],
      admission: admission, health: Health { await hosting.readiness() }, configuration: configuration,
      logger: logger, onServerRunning: onServerRunning)
  }
}
