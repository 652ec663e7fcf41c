import Foundation
import NIOCore
import NIOHTTP1
import Remote
import Synchronization

/// What is said to one engine over its transport, in the version of the API that was agreed on with it.
final class EngineConnection: Sendable {
  let transport: any EngineTransport
  private let agreed = Mutex<APIVersion?>(nil)
  private let reach: (@Sendable () async throws -> Void)?

  init(_ transport: any EngineTransport, reach: (@Sendable () async throws -> Void)? = nil) {
    self.transport = transport
    self.reach = reach
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
      return try await withDeadline(call.timeout) { [transport] in
        let response = try await transport.send(try call.request(version: version))
        return EngineAnswer(status: response.status, body: try await response.body.collect(upTo: limit))
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
  func open(_ call: EngineCall, transfers: Bool) async throws -> EngineBody {
    let request = try call.request(
      version: try await version(), patience: call.timeout, transfers: transfers)
    let response = try await transport.send(request)
    guard (200..<300).contains(response.status) else {
      throw refusal(response.status, try await response.body.collect(upTo: 1 << 20), of: call)
    }
    return response.body
  }

  /// Sends `call` with a request to switch protocols; then the connection carries `input` to the engine and frames
  /// of output back.
  ///
  /// - Throws: what `input` or `output` throw; `DockerError`; `CancellationError`.
  func hijack<Input: AsyncSequence & Sendable>(
    _ call: EngineCall, input: Input, output: (LogLine.Source, ByteBuffer) async throws -> Void
  ) async throws where Input.Element == ByteBuffer {
    let request = try call.request(version: try await version())
    var frames = FrameDecoder(endpoint: call.endpoint)
    do {
      try await transport.converse(request, input: input) { chunk in
        for piece in try frames.feed(chunk) {
          try await output(piece.source, ByteBuffer(piece.bytes))
        }
      }
    } catch let answer as EngineRefusal {
      throw refusal(answer.status, answer.body, of: call)
    }
    guard frames.isBetweenFrames else { throw DockerError.cutOff(endpoint: call.endpoint) }
  }

  private func refusal(_ status: Int, _ body: ByteBuffer, of call: EngineCall) -> DockerError {
    let answer = EngineAnswer(status: status, body: body)
    return DockerError(
      status: answer.status, message: answer.message, endpoint: call.endpoint, subject: call.subject)
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
}

extension EngineCall {
  /// The call as it goes over the wire, under `version` of the API.
  ///
  /// - Parameter patience: see `EngineRequest.patience`.
  fileprivate func request(
    version: APIVersion?, patience: Duration? = nil, transfers: Bool = false
  ) throws -> EngineRequest {
    var request = EngineRequest(
      method: method, target: target(version: version), headers: headers, endpoint: endpoint,
      patience: patience,
      transfers: transfers)
    switch body {
    case .none: break
    case .json(let value):
      request.headers.append(("Content-Type", "application/json"))
      request.body = ByteBuffer(bytes: try value.encoded())
    case .tar(let bytes):
      request.headers.append(("Content-Type", "application/x-tar"))
      request.body = bytes
    }
    return request
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
