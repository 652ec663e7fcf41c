import Foundation
import Hosting
import Hummingbird

/// The query of a request, read strictly: a parameter that the route does not have, and a value that it cannot take,
/// are refused by name.
struct Query {
  private let values: [String: String]

  /// Reads the query of `request`, which may have the parameters `names`.
  ///
  /// - Throws: `HostingError` with code `invalid`.
  init(_ request: Request, _ names: String...) throws {
    var values: [String: String] = [:]
    for (name, value) in request.uri.queryParameters {
      guard names.contains(String(name)) else {
        throw Self.refused(String(name), "There is no parameter “\(name)” here; it may be mistyped.")
      }
      values[String(name)] = String(value)
    }
    self.values = values
  }

  /// The text of a parameter, nil where it is absent or empty. No other kind of value may be empty.
  func text(_ name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A whole number in `range`.
  func number(_ name: String, in range: ClosedRange<Int>, default standard: Int) throws -> Int {
    try number(name, in: range) ?? standard
  }

  /// A whole number in `range`, nil where there is none.
  func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Self.refused(name, "“\(name)” must be a number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// One of a closed set of words.
  func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, as type: Word.Type) throws -> Word?
  {
    guard let text = values[name] else { return nil }
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw Self.refused(name, "“\(name)” must be one of: \(words).")
    }
    return word
  }

  /// An id.
  func id(_ name: String) throws -> UUID? {
    guard let text = values[name] else { return nil }
    guard let id = UUID(uuidString: text) else { throw Self.refused(name, "“\(name)” must be an id.") }
    return id
  }

  /// An instant.
  func instant(_ name: String) throws -> Date? {
    guard let text = values[name] else { return nil }
    if let date = try? Date(text, strategy: .iso8601) { return date }
    if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) {
      return date
    }
    throw Self.refused(name, "“\(name)” must be an instant such as 2026-01-31T12:00:00Z.")
  }

  /// The part of a list that is wanted, by `limit` and `cursor`.
  func page() throws -> PageRequest {
    PageRequest(limit: try number("limit", in: 1...200, default: 50), cursor: text("cursor"))
  }

  private static func refused(_ name: String, _ message: String) -> HostingError {
    HostingError(
      .invalid, message, suggestion: "GET /api/v1/openapi.yaml lists every parameter.",
      fields: [.init(name, message)])
  }
}
