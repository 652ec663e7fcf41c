/// A major version of Odoo that can be hosted.
///
/// A closed set: what Odeum knows about Odoo differs from version to version, so each has its row in the
/// tables of this folder, and a version without a row cannot be named.
public enum OdooVersion: String, CaseIterable, Hashable, Codable, Sendable, CustomStringConvertible {
  /// Odoo 14.0.
  case v14 = "14.0"
  /// Odoo 15.0.
  case v15 = "15.0"
  /// Odoo 16.0.
  case v16 = "16.0"
  /// Odoo 17.0.
  case v17 = "17.0"
  /// Odoo 18.0.
  case v18 = "18.0"
  /// Odoo 19.0.
  case v19 = "19.0"

  /// The number before the dot, by which versions are ordered.
  public var major: Int {
    switch self {
    case .v14: 14
    case .v15: 15
    case .v16: 16
    case .v17: 17
    case .v18: 18
    case .v19: 19
    }
  }

  /// The name as Odoo writes it, `19.0`.
  public var description: String { rawValue }

  /// Reads a version as people write it: `19.0` or `19`.
  /// - Throws: `InputProblem` that lists the versions there are.
  public static func parse(_ text: String, field: String = "version") throws(InputProblem) -> OdooVersion {
    if let version = allCases.first(where: { $0.rawValue == text || String($0.major) == text }) {
      return version
    }
    throw InputProblem(
      field: field,
      message: "There is no Odoo version \(quoted(text)).",
      suggestion: "Choose one of \(allCases.map(\.rawValue).joined(separator: ", ")).")
  }
}

extension OdooVersion: Comparable {
  /// Orders by major version.
  public static func < (left: OdooVersion, right: OdooVersion) -> Bool {
    left.major < right.major
  }
}
