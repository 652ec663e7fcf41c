/// The name of the database role that an instance's Odoo connects as.
///
/// Odoo stops at once when it is `postgres` (`odoo/cli/server.py`); PostgreSQL reserves `public`, `none` and
/// everything that begins with `pg_`.
public struct RoleName: Hashable, Sendable, CustomStringConvertible {
  /// The checked text.
  public let text: String

  /// Checks a name.
  /// - Throws: `InputProblem` that says which rule is broken.
  public init(_ text: String, field: String = "databaseUser") throws(InputProblem) {
    let hint = "Use 1 to 63 lower-case letters, digits, hyphens and underscores."
    guard !text.isEmpty, text.utf8.count <= DatabaseName.maximumLength,
      text.unicodeScalars.allSatisfy(Self.isAllowed), !text.hasPrefix("-")
    else {
      throw InputProblem(
        field: field, message: "\(quoted(text)) cannot be the name of a database user.", suggestion: hint)
    }
    guard !Self.reserved.contains(text), !text.hasPrefix("pg_") else {
      throw InputProblem(
        field: field,
        message: "The database user \(quoted(text)) is reserved: Odoo or PostgreSQL refuses it.",
        suggestion: "Choose another name, for example odoo.")
    }
    self.text = text
  }

  /// The role for an instance: its slug, with `_db` behind where the slug is a reserved name.
  public init(_ slug: Slug) {
    text = Self.reserved.contains(slug.text) ? slug.text + "_db" : slug.text
  }

  /// The text itself.
  public var description: String { text }

  private static let reserved: Set = ["postgres", "public", "none"]

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "0"..."9", "-", "_": true
    default: false
    }
  }
}
