/// The members of a JSON object from the engine, read by their names in the Engine API.
///
/// The engine sends `null`, an empty value or nothing at all for what is not there, differently from version to
/// version; so `optional` takes all three, and `value` is only for what every version sends.
struct EngineFields {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private let container: KeyedDecodingContainer<Key>

  init(_ decoder: any Decoder) throws {
    container = try decoder.container(keyedBy: Key.self)
  }

  /// A member that must be there.
  func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    try container.decode(Value.self, forKey: Key(stringValue: name))
  }

  /// A member that may be absent or `null`.
  func optional<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
    try container.decodeIfPresent(Value.self, forKey: Key(stringValue: name))
  }

  /// A text that may be absent, `null` or empty, all of which mean that there is none.
  func text(_ name: String) throws -> String? {
    guard let text = try optional(name, as: String.self), !text.isEmpty else { return nil }
    return text
  }

  /// A number in which 0 means that there is none.
  func nonZero(_ name: String) throws -> Int? {
    guard let number = try optional(name, as: Int.self), number != 0 else { return nil }
    return number
  }

  /// A list that may be absent or `null`.
  func list<Element: Decodable>(_ name: String, of type: Element.Type = Element.self) throws -> [Element] {
    try optional(name, as: [Element].self) ?? []
  }

  /// An object of texts that may be absent or `null`.
  func texts(_ name: String) throws -> [String: String] {
    try optional(name, as: [String: String].self) ?? [:]
  }

  /// An object inside, or `nil` if it is absent or `null`.
  func object(_ name: String) throws -> EngineFields? {
    try optional(name, as: Inner.self)?.fields
  }

  private struct Inner: Decodable {
    let fields: EngineFields
    init(from decoder: any Decoder) throws { fields = try EngineFields(decoder) }
  }
}
