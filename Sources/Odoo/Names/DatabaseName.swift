/// The name of an instance's database.
///
/// The alphabet is Odoo's own (`DBNAME_PATTERN` of its database manager: a letter or digit, then at least one
/// more of letters, digits, `_`, `.`, `-`), without the dot, which is a wildcard in a filter. At most 63
/// bytes, where PostgreSQL would cut.
public struct DatabaseName: Hashable, Sendable, CustomStringConvertible {
  /// PostgreSQL's limit for an identifier in bytes (`NAMEDATALEN` less one).
  public static let maximumLength = 63

  /// The checked text.
  public let text: String

  /// Checks a name, for example of a database that a person brings along.
  /// - Throws: `InputProblem` that says which rule is broken.
  public init(_ text: String, field: String = "database") throws(InputProblem) {
    let hint =
      "Use 2 to \(Self.maximumLength) letters, digits, hyphens and underscores, a letter or digit first."
    func refuse(_ message: String) -> InputProblem {
      InputProblem(field: field, message: message, suggestion: hint)
    }
    guard text.utf8.count >= 2 else {
      throw refuse("The database name \(quoted(text)) is too short: Odoo asks for two characters.")
    }
    guard text.utf8.count <= Self.maximumLength else {
      throw refuse(
        "The database name is \(text.utf8.count) bytes long, and PostgreSQL takes \(Self.maximumLength).")
    }
    if let wrong = text.unicodeScalars.first(where: { !Self.isAllowed($0) }) {
      throw refuse(
        "The database name \(quoted(text)) has the character \(quoted(String(wrong))), which is not allowed.")
    }
    if text.hasPrefix("-") || text.hasPrefix("_") {
      throw refuse("The database name \(quoted(text)) starts with \(quoted(String(text.prefix(1)))).")
    }
    guard !Self.reserved.contains(text) else {
      throw refuse("The database \(quoted(text)) belongs to PostgreSQL itself.")
    }
    self.text = text
  }

  /// The name for an instance: its slug, with `_db` behind where the slug alone could not be one (a single
  /// character, or a name of PostgreSQL's own). A slug has no underscore, so no two slugs share a name.
  public init(_ slug: Slug) {
    let plain = slug.text.utf8.count >= 2 && !Self.reserved.contains(slug.text)
    text = plain ? slug.text : slug.text + "_db"
  }

  /// The text itself.
  public var description: String { text }

  /// The `dbfilter` that lets Odoo serve exactly this database. Odoo matches from the start only, hence the
  /// `$`; the alphabet has no character that means something else in a regular expression.
  public var exactFilter: String { "^\(text)$" }

  private static let reserved: Set = ["postgres", "template0", "template1"]

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
    default: false
    }
  }
}

extension DatabaseName: Codable {
  /// Reads and checks a plain string.
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  /// Writes a plain string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
