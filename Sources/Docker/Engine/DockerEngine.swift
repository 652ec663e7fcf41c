import AsyncHTTPClient
import Remote

/// A Docker engine, driven through its API over a Unix socket: the local one, or one of another host whose socket
/// is forwarded.
///
/// The engine is not asked anything before the first call, which also agrees on the version of the API. Every call
/// has a time-out, except those that wait for something: `wait`, `logs` that follow, `events`.
///
/// Calls that bring something into a state (start, stop, remove …) succeed where it is in that state already, so
/// that they can be repeated. All calls throw `DockerError`, or `CancellationError` when their task is cancelled;
/// the connection is then closed, but the engine may finish what it had begun.
public struct DockerEngine: Sendable {
  /// Where Docker's packages put the socket.
  public static let defaultSocket = "/var/run/docker.sock"

  let connection: EngineConnection

  /// An engine at `socket`.
  ///
  /// - Parameters:
  ///   - httpClient: the client for the calls. By default all engines share one, which allows as many
  ///     connections as streams need; the default limit of a client of yours is 8 in all.
  ///   - reach: run before every call, such as to make the connection through which the socket comes; what it
  ///     throws, the call throws.
  public init(
    socket: String = DockerEngine.defaultSocket, httpClient: HTTPClient? = nil,
    reach: (@Sendable () async throws -> Void)? = nil
  ) {
    connection = EngineConnection(EngineSocket(socket, client: httpClient), reach: reach)
  }

  /// An engine at the end of `transport`.
  package init(transport: any EngineTransport, reach: (@Sendable () async throws -> Void)? = nil) {
    connection = EngineConnection(transport, reach: reach)
  }

  /// The path of the engine's socket.
  public var socket: String { connection.transport.place }

  /// The version of the API that calls use, agreed on with the engine.
  public func apiVersion() async throws -> APIVersion {
    try await connection.version()
  }

  /// What the engine is. Asks it anew, also an engine that is too old to be used.
  public func version() async throws -> EngineVersion {
    try await connection.engineVersion()
  }

  /// What the engine runs on and how it is set up.
  public func info() async throws -> EngineInfo {
    try await connection.read(EngineCall(.GET, "/info", timeout: .seconds(30)))
  }

  /// Succeeds if the engine answers, within five seconds.
  public func ping() async throws {
    try await connection.send(EngineCall(.GET, "/_ping", timeout: .seconds(5)))
  }
}
