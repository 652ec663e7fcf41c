/// The name of an instance: one DNS label, because it becomes a host name, and the names of containers,
/// volumes and a database are made from it.
///
/// Lower-case letters, digits and hyphens, 1 to 40 characters, a letter or digit at both ends (RFC 1123; DNS
/// would allow 63, but Docker names and PostgreSQL's 63-byte identifiers need room for what is added).
public struct Slug: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest slug in characters.
  public static let maximumLength = 40

  /// The checked text.
  public let text: String

  /// Checks a name.
  /// - Throws: `InputProblem` that says which rule is broken, and offers a name that keeps them where one can
  ///   be made from the input.
  public init(_ text: String, field: String = "name") throws(InputProblem) {
    if let fault = Self.fault(in: text) {
      let proposal = Self.proposal(from: text)
      throw InputProblem(
        field: field, message: fault,
        suggestion: proposal.map { "For example: \($0)." }
          ?? "Use 1 to \(Self.maximumLength) lower-case letters, digits and hyphens, for example shop-test.")
    }
    self.text = text
  }

  /// The text itself.
  public var description: String { text }

  /// Orders alphabetically.
  public static func < (left: Slug, right: Slug) -> Bool { left.text < right.text }

  private static func fault(in text: String) -> String? {
    if text.isEmpty { return "The name is empty." }
    for scalar in text.unicodeScalars where !isAllowed(scalar) {
      switch scalar {
      case "A"..."Z": return "The name \(quoted(text)) has a capital letter: it becomes part of a host name."
      case "_": return "The name \(quoted(text)) has an underscore, which a host name may not have."
      case ".": return "The name \(quoted(text)) has a dot: it must be a single label of a host name."
      case " ": return "The name \(quoted(text)) has a space."
      default:
        return "The name \(quoted(text)) has the character \(quoted(String(scalar))), which is not allowed."
      }
    }
    if text.hasPrefix("-") { return "The name \(quoted(text)) starts with a hyphen." }
    if text.hasSuffix("-") { return "The name \(quoted(text)) ends with a hyphen." }
    if text.count > maximumLength {
      return "The name is \(text.count) characters long, and \(maximumLength) is the most."
    }
    return nil
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "0"..."9", "-": true
    default: false
    }
  }

  /// A valid slug close to the input, or nil where nothing of it is left.
  static func proposal(from text: String) -> String? {
    var label = ""
    for scalar in text.lowercased().unicodeScalars {
      if isAllowed(scalar), scalar != "-" {
        label.unicodeScalars.append(scalar)
      } else if !label.isEmpty, !label.hasSuffix("-") {
        label += "-"
      }
    }
    label = String(label.prefix(maximumLength))
    while label.hasSuffix("-") { label.removeLast() }
    return label.isEmpty ? nil : label
  }
}

extension Slug: Codable {
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
