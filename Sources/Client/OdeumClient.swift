import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The typed client of the HTTP API.
///
/// ```swift
/// try await OdeumClient.connected(to: ServerAddress("http://127.0.0.1:8600"), token: token, userAgent: "me/1") {
///   let instance = try await $0.send(.instance("demo")).value
/// }
/// ```
///
/// Every function throws ``API/Problem`` for what the API refuses and ``ClientError`` where no answer of the API could
/// be had. Redirects are not followed: the token is meant for one address.
public struct OdeumClient: Sendable {
  /// Where requests go.
  public let address: ServerAddress
  let token: BearerToken?
  let userAgent: String
  let http: HTTPClient
  let patience: Patience

  /// How long the client waits.
  public struct Patience: Sendable {
    /// For a connection.
    public var connect: Duration = .seconds(10)
    /// For a whole answer.
    public var answer: Duration = .seconds(60)
    /// For the next sign of life on an open stream; the server sends one every 15 seconds.
    public var silence: Duration = .seconds(45)
    /// Before a lost stream is asked for again; doubled each time, up to 10 seconds.
    public var pause: Duration = .milliseconds(500)
    /// For a lost stream to come back.
    public var outage: Duration = .seconds(120)

    /// The default times.
    public init() {}
  }

  /// Runs `body` with a client for `address`, which presents `token` where there is one.
  public static func connected<Result: Sendable>(
    to address: ServerAddress, token: BearerToken?, userAgent: String, patience: Patience = Patience(),
    _ body: (OdeumClient) async throws -> Result
  ) async throws -> Result {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(
      connect: TimeAmount(patience.connect), read: TimeAmount(patience.silence),
      write: TimeAmount(patience.silence))
    // A refused connection is said at once instead of being tried again until the deadline.
    configuration.connectionPool.retryConnectionEstablishment = false
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let result = try await body(
        OdeumClient(address: address, token: token, userAgent: userAgent, http: http, patience: patience))
      try await http.shutdown()
      return result
    } catch {
      // What `body` threw says more than what shutting down after it could.
      try? await http.shutdown()
      throw error
    }
  }

  /// Sends `call` and decodes its answer. A call with an idempotency key is sent once more where the answer was lost on its
  /// way.
  public func send<Answer>(_ call: API.Call<Answer>) async throws -> API.Answer<Answer> {
    do {
      return try await sendOnce(call)
    } catch let error as ClientError where error.kind == .interrupted && call.mayBeSentAgain {
      return try await sendOnce(call)
    }
  }

  private func sendOnce<Answer>(_ call: API.Call<Answer>) async throws -> API.Answer<Answer> {
    do {
      let response = try await http.execute(
        request(for: call), timeout: TimeAmount(patience.answer))
      let body = try await response.body.collect(upTo: Self.largestBody)
      return try decode(Data(body.readableBytesView), of: response)
    } catch {
      throw ClientError.understood(error, at: address)
    }
  }

  /// Sends `call` and hands its answer over as it comes, however long it is.
  public func download(_ call: API.Call<API.File>, _ take: (Data) throws -> Void) async throws {
    let parts: HTTPClientResponse.Body
    do {
      let response = try await http.execute(request(for: call, accept: "*/*"), deadline: .distantFuture)
      guard response.status == .ok else {
        let body = try await response.body.collect(upTo: Self.largestBody)
        throw refusal(Data(body.readableBytesView), of: response)
      }
      parts = response.body
    } catch {
      throw ClientError.understood(error, at: address)
    }
    var body = parts.makeAsyncIterator()
    while true {
      let part: ByteBuffer?
      do { part = try await body.next() } catch { throw ClientError.understood(error, at: address) }
      guard let part else { return }
      try take(Data(part.readableBytesView))
    }
  }

  /// The largest body that is read, in bytes: a page of log lines stays far below.
  static let largestBody = 64 << 20

  func request<Answer>(for call: API.Call<Answer>, accept: String = "application/json") -> HTTPClientRequest {
    var request = HTTPClientRequest(url: address.description + call.target)
    request.method = HTTPMethod(rawValue: call.method.rawValue)
    request.headers.add(name: "Accept", value: accept)
    request.headers.add(name: "User-Agent", value: userAgent)
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token.secret)") }
    for header in call.headers { request.headers.add(name: header.name, value: header.value) }
    if let body = call.body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    return request
  }

  private func decode<Value: Decodable & Sendable>(
    _ body: Data, of response: HTTPClientResponse
  ) throws -> API.Answer<Value> {
    guard (200..<300).contains(response.status.code) else { throw refusal(body, of: response) }
    let etag = response.headers.first(name: "ETag")
    if let nothing = API.Nothing() as? Value { return API.Answer(value: nothing, body: body, etag: etag) }
    do {
      return API.Answer(value: try API.decoder().decode(Value.self, from: body), body: body, etag: etag)
    } catch {
      throw ClientError.foreign(address, "answered with something that is not Odeum's API")
    }
  }

  /// What a status other than success means.
  func refusal(_ body: Data, of response: HTTPClientResponse) -> any Error {
    if let problem = try? API.decoder().decode(API.Problem.self, from: body) { return problem }
    if (300..<400).contains(response.status.code) {
      let target = response.headers.first(name: "Location") ?? "another address"
      return ClientError.foreign(address, "sends on to \(target), which is not followed")
    }
    let status = "\(response.status.code) \(response.status.reasonPhrase)"
    if [502, 503, 504].contains(response.status.code) {
      return ClientError(
        kind: .unreachable, message: "The proxy at \(address) answered \(status): nothing answers behind it.",
        suggestion: "see whether odeumd runs there (systemctl status odeumd, or docker compose ps)")
    }
    return ClientError.foreign(address, "answered \(status), but not as Odeum's API does")
  }
}

extension TimeAmount {
  init(_ duration: Duration) {
    self = .milliseconds(
      duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
  }
}
