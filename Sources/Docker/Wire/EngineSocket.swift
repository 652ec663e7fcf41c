import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The way to an engine through its Unix socket.
struct EngineSocket: EngineTransport {
  /// The socket's path.
  let place: String
  private let client: HTTPClient
  private let transferClient: HTTPClient

  init(_ socket: String, client: HTTPClient?) {
    place = socket
    self.client = client ?? Self.sharedClient
    transferClient = client ?? Self.sharedTransferClient
  }

  func send(_ request: EngineRequest) async throws -> EngineResponse {
    let client = request.transfers ? transferClient : client
    let timeout = request.patience.map { TimeAmount.nanoseconds($0.nanoseconds) } ?? .hours(24)
    let response = try await explaining(request) {
      try await client.execute(httpRequest(request), timeout: timeout)
    }
    return EngineResponse(
      status: Int(response.status.code),
      body: EngineBody(response.body) { explained($0, of: request) })
  }

  private func httpRequest(_ request: EngineRequest) -> HTTPClientRequest {
    let base = "http+unix://" + PercentEncoding.encode(place)
    var http = HTTPClientRequest(url: base + request.target)
    http.method = request.method
    // A socket has no host, and the engine refuses a request whose Host header is a path.
    http.headers.add(name: "Host", value: "docker")
    for (name, value) in request.headers { http.headers.add(name: name, value: value) }
    if let body = request.body { http.body = .bytes(body) }
    return http
  }

  // MARK: Errors

  /// Runs `work` and turns the errors of the socket into those of the engine.
  func explaining<Value>(_ request: EngineRequest, _ work: () async throws -> Value) async throws -> Value {
    do {
      return try await work()
    } catch {
      throw explained(error, of: request)
    }
  }

  func explained(_ error: any Error, of request: EngineRequest) -> any Error {
    switch error {
    case is DockerError, is CancellationError, is NIOTooManyBytesError:
      return error
    case let error as IOError where [EACCES, EPERM, ENOENT, ECONNREFUSED].contains(error.errnoCode):
      return DockerError(errno: error.errnoCode, socket: place) ?? error
    case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
      return DockerError.cutOff(endpoint: request.endpoint)
    case HTTPParserError.invalidEOFState:
      return DockerError.cutOff(endpoint: request.endpoint)
    case let error as HTTPParserError:
      return DockerError.unexpectedAnswer(endpoint: request.endpoint, detail: String(describing: error))
    case let error as HTTPClientError:
      return explained(error, of: request)
    default:
      return DockerError.unreachable(socket: place, reason: String(describing: error))
    }
  }

  private func explained(_ error: HTTPClientError, of request: EngineRequest) -> any Error {
    switch error {
    case .cancelled:
      CancellationError()
    case .remoteConnectionClosed:
      DockerError.cutOff(endpoint: request.endpoint)
    case .connectTimeout:
      DockerError.unreachable(socket: place, reason: "it accepts no connection")
    case .deadlineExceeded:
      DockerError.timedOut(endpoint: request.endpoint, after: request.patience ?? .seconds(86_400))
    case .readTimeout:
      DockerError.timedOut(endpoint: request.endpoint, after: Self.longestSilence)
    default:
      DockerError.unreachable(socket: place, reason: error.description)
    }
  }

  // MARK: Clients

  /// How long a download or a build may say nothing.
  static let longestSilence = Duration.seconds(900)

  private static let sharedClient = HTTPClient(configuration: configuration)

  private static let sharedTransferClient: HTTPClient = {
    var configuration = EngineSocket.configuration
    configuration.timeout.read = .nanoseconds(longestSilence.nanoseconds)
    return HTTPClient(configuration: configuration)
  }()

  private static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    // Each followed log, awaited container and stream of events holds a connection for as long as it lasts; with
    // the default of 8 they would starve all other calls.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
    configuration.connectionPool.retryConnectionEstablishment = false
    // Longer than whoever looks at servers pauses: a new connection through SSH costs a round trip more.
    configuration.connectionPool.idleTimeout = .seconds(75)
    return configuration
  }
}

extension DockerError {
  /// Why a socket cannot be connected to, by the number of the system's error; nil where that is 0.
  package init?(errno: Int32, socket: String) {
    switch errno {
    case 0: return nil
    case EACCES, EPERM: self = .permissionDenied(socket: socket)
    case ENOENT: self = .unreachable(socket: socket, reason: "there is no such socket")
    case ECONNREFUSED: self = .unreachable(socket: socket, reason: "nothing listens there")
    default: self = .unreachable(socket: socket, reason: String(cString: strerror(errno)))
    }
  }
}
