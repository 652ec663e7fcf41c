import Foundation

/// The types of the HTTP API, version 1, as they stand in JSON: keys in camel case, instants as ISO 8601 in UTC
/// with milliseconds, durations in seconds, sizes in the unit that the key names. `Web` writes them, the typed
/// client and the command line read them.
public enum API {
  /// The path under which version 1 is served.
  public static let root = "/api/v1"

  /// The encoder of every body that the API sends.
  public static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.formatted(instant))
    }
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return encoder
  }

  /// The decoder of every body that the API takes.
  public static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      if let date = try? Date(text, strategy: instant) { return date }
      if let date = try? Date(text, strategy: .iso8601) { return date }
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(text) is no instant such as 2026-01-31T12:00:00.000Z")
    }
    return decoder
  }

  private static let instant = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// One page of a list.
  public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    /// The items of this page, in the list's order.
    public var items: [Item]
    /// Where the next page begins, to be sent back as `cursor`; absent on the last page.
    public var nextCursor: String?

    /// A page of `items`, the next of which begins at `nextCursor`.
    public init(items: [Item], nextCursor: String?) {
      self.items = items
      self.nextCursor = nextCursor
    }
  }

  /// What went wrong, as `application/problem+json` (RFC 9457) with members of our own.
  public struct Problem: Codable, Sendable, Error, Equatable {
    /// The HTTP status.
    public var status: Int
    /// `conflict`, `invalid`, `notFound`, `forbidden`, `plan`, `tooMany`, `unauthenticated`, `unavailable` or `internal`.
    public var code: String
    /// The message for people, one sentence.
    public var title: String
    /// What to do next.
    public var suggestion: String?
    /// The fields of the request that are at fault.
    public var fields: [Field]?
    /// The id under which an unexpected error stands in the server's log.
    public var incident: String?

    /// One field of the request that is at fault.
    public struct Field: Codable, Sendable, Equatable {
      /// The field's name in the request's JSON, dotted where it is nested (`settings.odooConf`).
      public var name: String
      /// The reason, one sentence.
      public var message: String

      /// The field `name`, refused because of `message`.
      public init(name: String, message: String) {
        self.name = name
        self.message = message
      }
    }

    /// A problem with everything that is known of it.
    public init(
      status: Int, code: String, title: String, suggestion: String? = nil, fields: [Field]? = nil,
      incident: String? = nil
    ) {
      self.status = status
      self.code = code
      self.title = title
      self.suggestion = suggestion
      self.fields = fields
      self.incident = incident
    }
  }
}
