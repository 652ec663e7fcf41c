import Foundation

extension API {
  /// The header that makes a request the same one when it is sent again.
  static let idempotencyKey = "Idempotency-Key"

  /// A key that no other request has.
  public static func newIdempotencyKey() -> String { UUID().uuidString.lowercased() }

  /// One request of the API as a value: it can be compared, and says what its answer decodes to.
  public struct Call<Answer: Decodable & Sendable>: Sendable, Equatable {
    /// The HTTP method.
    public var method: Method
    /// The path after ``API/root``, as segments that are not percent-encoded yet.
    public var path: [String]
    /// The query, in order.
    public var query: [Parameter]
    /// Further headers.
    public var headers: [Parameter]
    /// The body in JSON.
    public var body: Data?

    /// The methods that the API uses.
    public enum Method: String, Sendable {
      /// Reads.
      case get = "GET"
      /// Asks for something to be made or done.
      case post = "POST"
      /// Changes some members.
      case patch = "PATCH"
      /// Removes.
      case delete = "DELETE"
    }

    /// A name with its value.
    public struct Parameter: Sendable, Equatable {
      /// The name.
      public var name: String
      /// The value.
      public var value: String

      init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
      }
    }

    init(
      _ method: Method, _ path: String..., query: [(String, String?)] = [], headers: [(String, String?)] = [],
      body: Data? = nil
    ) {
      self.method = method
      self.path = path
      self.query = query.compactMap { name, value in value.map { Parameter(name, $0) } }
      self.headers = headers.compactMap { name, value in value.map { Parameter(name, $0) } }
      self.body = body
    }

    /// Whether sending it again does nothing that sending it once does not do.
    var mayBeSentAgain: Bool { headers.contains { $0.name == API.idempotencyKey } }

    /// The path and query as they stand in the request's first line.
    public var target: String {
      let path = path.map { "/" + Self.escape($0) }.joined()
      let query = query.map { "\(Self.escape($0.name))=\(Self.escape($0.value))" }.joined(separator: "&")
      return API.root + path + (query.isEmpty ? "" : "?\(query)")
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986, so that no value can leave its place.
    private static func escape(_ text: String) -> String {
      var escaped = ""
      for byte in text.utf8 {
        let character = Character(Unicode.Scalar(byte))
        if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
          escaped.append(character)
        } else {
          escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
      }
      // `.` and `..` alone would be read as steps in the path; no name is so short of letters.
      return escaped.allSatisfy { $0 == "." } ? escaped.replacing(".", with: "%2E") : escaped
    }
  }

  /// An answer that was decoded, together with the bytes that came.
  public struct Answer<Value: Sendable>: Sendable {
    /// What the body says.
    public var value: Value
    /// The body as it came.
    public var body: Data
    /// The revision of what was read, to be sent back as `If-Match`.
    public var etag: String?
  }

  /// The body of an answer that is read as it comes, by ``OdeumClient/download(_:_:)``.
  public struct File: Decodable, Sendable {}

  /// The body of an answer that says nothing: HTTP 204.
  public struct Nothing: Decodable, Sendable {
    init() {}
  }
}
