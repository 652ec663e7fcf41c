/// Which edition of Odoo an instance runs.
public enum Edition: String, CaseIterable, Hashable, Codable, Sendable, CustomStringConvertible {
  /// The open-source edition.
  case community
  /// The proprietary edition: the modules come from the customer's own source, under the customer's licence.
  case enterprise

  /// As a person reads it.
  public var description: String {
    switch self {
    case .community: "Community"
    case .enterprise: "Enterprise"
    }
  }

  /// Whether the edition needs a source of modules that Odeum does not have.
  public var needsSource: Bool { self == .enterprise }

  /// Reads an edition as people write it.
  /// - Throws: `InputProblem` that lists the editions.
  public static func parse(_ text: String, field: String = "edition") throws(InputProblem) -> Edition {
    if let edition = Edition(rawValue: text.lowercased()) { return edition }
    throw InputProblem(
      field: field, message: "There is no edition \(quoted(text)).",
      suggestion: "Choose community or enterprise.")
  }
}
