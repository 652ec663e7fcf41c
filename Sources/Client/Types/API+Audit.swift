import Foundation

extension API {
  /// One change as the audit log has it.
  public struct AuditEntry: Codable, Sendable, Equatable {
    /// Its number, counted from 1 without a gap in the installation.
    public var id: Int
    /// When it was written.
    public var at: Date
    /// The person's address, or who else it was.
    public var who: String
    /// `console`, `api`, `cli` or `system`.
    public var door: String
    /// The IP address that it came from.
    public var address: String?
    /// What was done, such as `instance.create`.
    public var action: String
    /// What kind of thing it was done to.
    public var kind: String
    /// That thing's identity.
    public var subjectID: UUID?
    /// Its name at that time.
    public var subject: String
    /// What it was before: the members that changed.
    public var before: JSON?
    /// What it has been since.
    public var after: JSON?

    enum CodingKeys: String, CodingKey {
      case id, at, who, door, address, action, kind
      case subjectID = "subjectId"
      case subject, before, after
    }

    /// An entry with everything that is known of it.
    public init(
      id: Int, at: Date, who: String, door: String, address: String?, action: String, kind: String,
      subjectID: UUID?, subject: String, before: JSON?, after: JSON?
    ) {
      self.id = id
      self.at = at
      self.who = who
      self.door = door
      self.address = address
      self.action = action
      self.kind = kind
      self.subjectID = subjectID
      self.subject = subject
      self.before = before
      self.after = after
    }
  }

  /// JSON of any shape.
  public indirect enum JSON: Codable, Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number.
    case number(Double)
    /// A string.
    case text(String)
    /// An array.
    case list([JSON])
    /// An object.
    case object([String: JSON])

    /// Reads a JSON document.
    public init(_ document: String) throws {
      self = try JSONDecoder().decode(JSON.self, from: Data(document.utf8))
    }

    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let value = try? container.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else if let value = try? container.decode([JSON].self) {
        self = .list(value)
      } else {
        self = .object(try container.decode([String: JSON].self))
      }
    }

    /// Writes the value as the JSON that it is.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .null: try container.encodeNil()
      case .bool(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      case .list(let value): try container.encode(value)
      case .object(let value): try container.encode(value)
      }
    }
  }
}
