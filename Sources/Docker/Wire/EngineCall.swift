import NIOCore
import NIOHTTP1

/// One request to the engine, as a value.
struct EngineCall: Sendable {
  enum Body: Sendable {
    case none
    case json(JSONValue)
    case tar(ByteBuffer)
  }

  var method: HTTPMethod
  var path: EnginePath
  /// The query; members without a value are left out.
  var query: KeyValuePairs<String, String?> = [:]
  var headers: [(String, String)] = []
  var body: Body = .none
  /// What the call is about.
  var subject: CallSubject?
  /// The longest time until the whole answer is there, or, for a stream, until it begins.
  var timeout: Duration = .seconds(60)

  init(
    _ method: HTTPMethod, _ path: EnginePath, query: KeyValuePairs<String, String?> = [:],
    headers: [(String, String)] = [], body: Body = .none, about subject: CallSubject? = nil,
    timeout: Duration = .seconds(60)
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.subject = subject
    self.timeout = timeout
  }

  /// "POST /containers/create", for messages: without the query, which may be long.
  var endpoint: String { "\(method.rawValue) \(path)" }

  /// Path and query, under `version` of the API.
  func target(version: APIVersion?) -> String {
    let query = query.compactMap { name, value in
      value.map { "\(PercentEncoding.encode(name))=\(PercentEncoding.encode($0))" }
    }
    return (version.map { "/v\($0)" } ?? "") + path.description
      + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }
}

/// A whole answer of the engine.
struct EngineAnswer: Sendable {
  var status: Int
  var body: ByteBuffer

  var isSuccess: Bool { (200..<300).contains(status) }

  /// The engine's explanation of a refusal: `{"message": "…"}`, or else the body as it is.
  var message: String {
    if let refusal = try? decode(Refusal.self, from: "") { return refusal.message }
    return String(decoding: body.readableBytesView.prefix(2000), as: UTF8.self)
  }

  private struct Refusal: Decodable {
    var message: String
  }
}
