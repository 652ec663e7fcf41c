import Odoo

/// The name of a branch by git's own rules (git-check-ref-format(1)), which also cannot be taken for an option.
public struct BranchName: Hashable, Sendable, CustomStringConvertible {
  /// The longest name in bytes: a file on the server is called like it.
  public static let maximumLength = 200

  /// The checked text.
  public let text: String

  /// Checks a name.
  ///
  /// - Throws: `InputProblem` on `field`.
  public init(_ text: String, field: String = "branch") throws(InputProblem) {
    if let fault = Self.fault(in: text) {
      throw InputProblem(
        field: field, message: "The branch's name \(fault).",
        suggestion: "Give the name of a branch as git lists it, such as 19.0 or feature/stock.")
    }
    self.text = text
  }

  /// The text itself.
  public var description: String { text }

  private static func fault(in text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > maximumLength { return "is longer than \(maximumLength) bytes" }
    if text.unicodeScalars.contains(where: { !isAllowed($0) }) {
      return "has a blank, a control character or one of ~ ^ : ? * [ \\"
    }
    if text.hasPrefix("-") { return "begins with a hyphen" }
    if text == "@" || text == "HEAD" { return "means something else to git" }
    if text.contains("..") || text.contains("@{") || text.hasSuffix(".") {
      return "has .. or @{ in it, or a dot at its end"
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") || $0.hasSuffix(".lock") }) {
      return "has a part that is empty, begins with a dot or ends with .lock"
    }
    return nil
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .unassigned:
      false
    default: !"~^:?*[\\".unicodeScalars.contains(scalar)
    }
  }
}

extension BranchName: Codable {
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
