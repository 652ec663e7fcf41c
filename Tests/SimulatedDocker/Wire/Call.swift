import Docker
import Foundation
import NIOCore

/// A request to the engine, read.
struct Call: Sendable {
  /// "POST", "GET", "PUT", "DELETE".
  var method: String
  /// The path without the version of the API.
  var path: [String]
  /// The query.
  var query: [String: String]
  var body: ByteBuffer?
  /// For messages.
  var endpoint: String

  init(_ request: EngineRequest) throws {
    method = request.method.rawValue
    endpoint = request.endpoint
    body = request.body
    let parts = request.target.split(separator: "?", maxSplits: 1)
    path = parts[0].split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    if let first = path.first, first.hasPrefix("v1.") { path.removeFirst() }
    query = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[halves[0].removingPercentEncoding ?? ""] =
        halves.count > 1 ? halves[1].removingPercentEncoding : ""
    }
  }

  /// Whether a member of the query says yes, as the engine reads it.
  func says(_ name: String) -> Bool {
    guard let value = query[name]?.lowercased() else { return false }
    return !["", "0", "no", "false", "none"].contains(value)
  }

  func content<Content: Decodable>(_ type: Content.Type = Content.self) throws -> Content {
    do {
      return try JSONDecoder().decode(Content.self, from: Data((body ?? ByteBuffer()).readableBytesView))
    } catch {
      throw Refusal(400, "invalid JSON: \(error)")
    }
  }

  /// What the query's `filters` select.
  func filters() throws -> Filters {
    guard let text = query["filters"] else { return Filters() }
    return Filters(try JSONDecoder().decode([String: [String]].self, from: Data(text.utf8)))
  }
}

/// The engine refuses a request.
struct Refusal: Error {
  var status: Int
  var message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// What a list or a stream of events is about.
struct Filters: Sendable {
  private var labels: [(key: String, value: String?)] = []
  var kinds: [String] = []
  private var published: [String]?

  init() {}

  init(_ filters: [String: [String]]) {
    labels = (filters["label"] ?? []).map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
    }
    kinds = filters["type"] ?? []
    published = filters["publish"]
  }

  func select(_ container: SimulatedContainer) -> Bool {
    select(container.labels)
      && published.map { wanted in container.ports.contains { wanted.contains(String($0.port)) } } ?? true
  }

  func select(_ has: [String: String]) -> Bool {
    labels.allSatisfy { key, value in
      guard let there = has[key] else { return false }
      return value == nil || value == there
    }
  }
}
