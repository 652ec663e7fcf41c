import Client
import Foundation
import Hosting
import Hummingbird

extension Request {
  /// The body, read as JSON of type `Body`. A key that `Body` does not have is refused, not left out: it may be
  /// a mistyped one. So is null where it means nothing: it may have been meant as something.
  ///
  /// - Throws: `API.Problem`, which names the field where one is at fault.
  func json<Body: Codable>(as type: Body.Type, _ context: WebContext) async throws -> Body {
    guard headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
      throw API.Problem(
        status: 415, code: HostingError.Code.invalid.rawValue, title: "The body must be JSON, and say so.",
        suggestion: "Send the header “Content-Type: application/json”.")
    }
    let bytes = Data(buffer: try await body.collect(upTo: context.maxUploadSize))
    do {
      let value = try API.decoder().decode(Body.self, from: bytes)
      let given = try JSONShape(bytes)
      let known = try JSONShape(try API.encoder().encode(value))
      if let unknown = given.paths.subtracting(known.paths).min() {
        throw Self.refused(unknown, "There is no field “\(unknown)” here; it may be mistyped.")
      }
      if let null = given.nulls.subtracting(known.nulls).min() {
        throw Self.refused(null, "“\(null)” must not be null; leave it out, or give it a value.")
      }
      return value
    } catch let error as DecodingError {
      // A number that does not fit is reported without its field.
      if case .dataCorrupted(let context) = error, context.codingPath.isEmpty, (try? JSONShape(bytes)) != nil
      {
        throw Self.refused(
          "", "A number in the body is too large, or has decimals where a whole one is needed.")
      }
      throw Self.problem(error)
    }
  }

  private static func problem(_ error: DecodingError) -> API.Problem {
    switch error {
    case .keyNotFound(let key, let context):
      let name = path(context.codingPath + [key])
      return refused(name, "“\(name)” is missing.")
    case .typeMismatch(_, let context) where context.codingPath.isEmpty:
      return refused("", "The body must be a JSON object.")
    case .typeMismatch(let type, let context):
      return refused(path(context.codingPath), "“\(path(context.codingPath))” must be \(describe(type)).")
    case .valueNotFound(let type, let context):
      return refused(
        path(context.codingPath), "“\(path(context.codingPath))” must be \(describe(type)), not null.")
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return refused(path(context.codingPath), "“\(path(context.codingPath))”: \(context.debugDescription)")
    default:
      return API.Problem(
        status: 400, code: HostingError.Code.invalid.rawValue, title: "The body is no valid JSON.",
        suggestion: "Check quotes, commas and braces.")
    }
  }

  private static func refused(_ field: String, _ message: String) -> API.Problem {
    API.Problem(
      status: 422, code: HostingError.Code.invalid.rawValue, title: message,
      suggestion: "GET /api/v1/openapi.yaml lists every field.",
      fields: field.isEmpty ? nil : [.init(name: field, message: message)])
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  private static func describe(_ type: Any.Type) -> String {
    switch type {
    case is Int.Type, is Double.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "a text"
    case is [String].Type: "a list of texts"
    case is Date.Type: "an instant such as 2026-01-31T12:00:00.000Z"
    default: "of another kind (\(type))"
    }
  }
}

/// Which keys a JSON document has, without their values.
struct JSONShape: Decodable {
  /// The dotted paths of all keys whose value is not null; in lists with the places from 0.
  let paths: Set<String>
  /// The dotted paths of all keys whose value is null.
  let nulls: Set<String>

  init(_ document: Data) throws {
    self = try JSONDecoder().decode(Self.self, from: document)
  }

  init(from decoder: any Decoder) throws {
    var paths: Set<String> = []
    var nulls: Set<String> = []
    func take(_ inner: JSONShape, at place: String) {
      paths.formUnion(inner.paths.map { "\(place).\($0)" })
      nulls.formUnion(inner.nulls.map { "\(place).\($0)" })
    }
    if let container = try? decoder.container(keyedBy: Key.self) {
      for key in container.allKeys {
        if try container.decodeNil(forKey: key) {
          nulls.insert(key.stringValue)
        } else {
          paths.insert(key.stringValue)
          take(try container.decode(JSONShape.self, forKey: key), at: key.stringValue)
        }
      }
    } else if var list = try? decoder.unkeyedContainer() {
      while !list.isAtEnd {
        let place = list.currentIndex
        if try list.decodeNil() { continue }
        take(try list.decode(JSONShape.self), at: String(place))
      }
    }
    self.paths = paths
    self.nulls = nulls
  }

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
