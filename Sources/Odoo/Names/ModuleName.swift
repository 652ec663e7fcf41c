/// The technical name of a module: the name of its folder, which Python imports.
public struct ModuleName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest name taken here; longer ones do not occur, and some file systems refuse them.
  public static let maximumLength = 100

  /// The checked text.
  public let text: String

  /// Checks a name: letters, digits and underscores, not a digit first.
  /// - Throws: `InputProblem` with a hint where the text is a title or a list.
  public init(_ text: String, field: String = "modules") throws(InputProblem) {
    let hint = "The technical name is that of the module's folder, for example sale_management."
    func refuse(_ message: String) -> InputProblem {
      InputProblem(field: field, message: message, suggestion: hint)
    }
    guard !text.isEmpty else { throw refuse("A module name is empty.") }
    guard text.utf8.count <= Self.maximumLength else {
      throw refuse("The module name \(quoted(text)) is longer than \(Self.maximumLength) characters.")
    }
    guard text != "all" else {
      throw refuse("\"all\" would install every module there is, which no database survives in use.")
    }
    let isWord = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isWord, let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      throw refuse("\(quoted(text)) cannot be the technical name of a module.")
    }
    self.text = text
  }

  /// Reads a list as people write it, separated by commas, blanks or line breaks; each module once, in order.
  /// - Throws: `InvalidInput` with every name that is none.
  public static func list(_ text: String, field: String = "modules") throws(InvalidInput) -> [ModuleName] {
    var names: [ModuleName] = []
    var problems: [InputProblem] = []
    let words = text.split { $0 == "," || $0 == ";" || $0.isWhitespace }
    for word in words {
      do throws(InputProblem) {
        let name = try ModuleName(String(word), field: field)
        if !names.contains(name) { names.append(name) }
      } catch {
        problems.append(error)
      }
    }
    guard problems.isEmpty else { throw InvalidInput(problems) }
    return names
  }

  /// The text itself.
  public var description: String { text }

  /// Orders alphabetically.
  public static func < (left: ModuleName, right: ModuleName) -> Bool { left.text < right.text }
}

extension ModuleName: Codable {
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
