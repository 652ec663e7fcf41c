import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Remote
import Synchronization

/// The way to one engine: its socket, and the API version agreed on with it.
final class EngineConnection: Sendable {
  let socket: String
  private let client: HTTPClient
  private let transferClient: HTTPClient
  private let agreed = Mutex<APIVersion?>(nil)

  private let reach: (@Sendable () async throws -> Void)?

  init(socket: String, client: HTTPClient?, reach: (@Sendable () async throws -> Void)? = nil) {
    self.socket = socket
    self.reach = reach
    self.client = client ?? Self.sharedClient
    self.transferClient = client ?? Self.sharedTransferClient
  }

  // MARK: Whole answers

  /// Sends `call` and gives the engine's answer, whatever its status.
  ///
  /// - Throws: `DockerError` if there was no answer; `CancellationError`.
  func answer(to call: EngineCall, limit: Int = 64 << 20) async throws -> EngineAnswer {
    let answer = try await answer(to: call, version: try await version(), limit: limit)
    guard answer.status == 400, answer.message.contains("client version") else { return answer }
    // The engine was exchanged for another one since the version was agreed on.
    agreed.withLock { $0 = nil }
    return try await self.answer(to: call, version: try await version(), limit: limit)
  }

  /// Sends `call` and gives the engine's answer if its status is one of success or is among `accepted`.
  ///
  /// - Throws: `DockerError`; `CancellationError`.
  @discardableResult
  func send(_ call: EngineCall, accepting accepted: Set<Int> = [], limit: Int = 64 << 20) async throws
    -> EngineAnswer
  {
    let answer = try await answer(to: call, limit: limit)
    guard answer.isSuccess || accepted.contains(answer.status) else {
      throw DockerError(
        status: answer.status, message: answer.message, endpoint: call.endpoint, subject: call.subject)
    }
    return answer
  }

  /// Sends `call` and reads the JSON of the answer.
  ///
  /// - Throws: `DockerError`; `CancellationError`.
  func read<Value: Decodable>(_ call: EngineCall, as type: Value.Type = Value.self) async throws -> Value {
    try await send(call).decode(Value.self, from: call.endpoint)
  }

  /// Sends `call` and reads the JSON of the answer; `nil` if there is no such thing.
  ///
  /// - Throws: `DockerError`; `CancellationError`.
  func find<Value: Decodable>(_ call: EngineCall, as type: Value.Type = Value.self) async throws -> Value? {
    let answer = try await send(call, accepting: [404])
    return answer.status == 404 ? nil : try answer.decode(Value.self, from: call.endpoint)
  }

  func answer(to call: EngineCall, version: APIVersion?, limit: Int) async throws -> EngineAnswer {
    do {
      return try await withDeadline(call.timeout) { [self] in
        try await explaining(call) {
          let response = try await client.execute(try request(call, version: version), timeout: .hours(24))
          let body = try await response.body.collect(upTo: limit)
          return EngineAnswer(status: Int(response.status.code), body: body)
        }
      }
    } catch is DeadlineExceeded {
      throw DockerError.timedOut(endpoint: call.endpoint, after: call.timeout)
    } catch is NIOTooManyBytesError {
      throw DockerError.tooMuchOutput(endpoint: call.endpoint, limit: limit)
    }
  }

  // MARK: Answers that go on

  /// Sends `call` and gives the body as it comes, once the engine has accepted.
  ///
  /// - Parameter transfers: whether silence of a quarter of an hour ends it: for downloads and builds, but not for
  ///   following what may be silent for days.
  /// - Throws: `DockerError`; `CancellationError`.
  func open(_ call: EngineCall, transfers: Bool) async throws -> HTTPClientResponse.Body {
    let version = try await version()
    let response: HTTPClientResponse = try await explaining(call) {
      try await (transfers ? transferClient : client).execute(
        try request(call, version: version), timeout: .nanoseconds(call.timeout.nanoseconds))
    }
    guard (200..<300).contains(response.status.code) else {
      let body = try await explaining(call) { try await response.body.collect(upTo: 1 << 20) }
      let answer = EngineAnswer(status: Int(response.status.code), body: body)
      throw DockerError(
        status: answer.status, message: answer.message, endpoint: call.endpoint, subject: call.subject)
    }
    return response.body
  }

  // MARK: Version

  /// The API version for calls: the newest that both sides know. Agreed on at the first call.
  ///
  /// - Throws: `DockerError.tooOld`, `DockerError.tooNew`, or why the engine does not answer.
  func version() async throws -> APIVersion {
    try await reach?()
    if let known = agreed.withLock({ $0 }) { return known }
    let engine = try await engineVersion()
    guard engine.apiVersion >= .oldest else {
      throw DockerError.tooOld(
        engineVersion: engine.version, apiVersion: engine.apiVersion.description,
        needed: APIVersion.oldest.description)
    }
    guard engine.minimumAPIVersion <= .newest else {
      throw DockerError.tooNew(
        engineVersion: engine.version, minimumAPIVersion: engine.minimumAPIVersion.description,
        known: APIVersion.newest.description)
    }
    let version = min(engine.apiVersion, .newest)
    assume(version)
    return version
  }

  /// Uses `version` until the engine refuses it.
  func assume(_ version: APIVersion) {
    agreed.withLock { $0 = version }
  }

  func engineVersion() async throws -> EngineVersion {
    try await reach?()
    let call = EngineCall(.GET, "/version", timeout: .seconds(20))
    let answer = try await answer(to: call, version: nil, limit: 1 << 20)
    guard answer.isSuccess else {
      throw DockerError(status: answer.status, message: answer.message, endpoint: call.endpoint, subject: nil)
    }
    return try answer.decode(EngineVersion.self, from: call.endpoint)
  }

  // MARK: Requests

  private func request(_ call: EngineCall, version: APIVersion?) throws -> HTTPClientRequest {
    let base = "http+unix://" + PercentEncoding.encode(socket)
    var request = HTTPClientRequest(url: base + call.target(version: version))
    request.method = call.method
    // A socket has no host, and the engine refuses a request whose Host header is a path.
    request.headers.add(name: "Host", value: "docker")
    for (name, value) in call.headers { request.headers.add(name: name, value: value) }
    switch call.body {
    case .none: break
    case .json(let value):
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: try value.encoded()))
    case .tar(let bytes):
      request.headers.add(name: "Content-Type", value: "application/x-tar")
      request.body = .bytes(bytes)
    }
    return request
  }

  /// Runs `work` and turns the errors of the transport into those of the engine.
  func explaining<Value: Sendable>(_ call: EngineCall, _ work: () async throws -> Value) async throws -> Value
  {
    do {
      return try await work()
    } catch {
      throw explained(error, of: call)
    }
  }

  func explained(_ error: any Error, of call: EngineCall) -> any Error {
    switch error {
    case is DockerError, is CancellationError, is NIOTooManyBytesError:
      return error
    case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
      return DockerError.permissionDenied(socket: socket)
    case let error as IOError where error.errnoCode == ENOENT:
      return DockerError.unreachable(socket: socket, reason: "there is no such socket")
    case let error as IOError where error.errnoCode == ECONNREFUSED:
      return DockerError.unreachable(socket: socket, reason: "nothing listens there")
    case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
      return DockerError.cutOff(endpoint: call.endpoint)
    case HTTPParserError.invalidEOFState:
      return DockerError.cutOff(endpoint: call.endpoint)
    case let error as HTTPParserError:
      return DockerError.unexpectedAnswer(endpoint: call.endpoint, detail: String(describing: error))
    case let error as HTTPClientError:
      switch error {
      case .cancelled:
        return CancellationError()
      case .remoteConnectionClosed:
        return DockerError.cutOff(endpoint: call.endpoint)
      case .connectTimeout:
        return DockerError.unreachable(socket: socket, reason: "it accepts no connection")
      case .deadlineExceeded, .readTimeout:
        return DockerError.timedOut(
          endpoint: call.endpoint, after: error == .readTimeout ? Self.longestSilence : call.timeout)
      default:
        return DockerError.unreachable(socket: socket, reason: error.description)
      }
    default:
      return DockerError.unreachable(socket: socket, reason: String(describing: error))
    }
  }

  // MARK: Clients

  /// How long a download or a build may say nothing.
  static let longestSilence = Duration.seconds(900)

  private static let sharedClient = HTTPClient(configuration: configuration)

  private static let sharedTransferClient: HTTPClient = {
    var configuration = EngineConnection.configuration
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

extension Duration {
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

extension EngineAnswer {
  /// Reads the body as JSON.
  func decode<Value: Decodable>(_ type: Value.Type, from endpoint: String) throws(DockerError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView))
    } catch {
      throw .unexpectedAnswer(endpoint: endpoint, detail: String(describing: error))
    }
  }
}
