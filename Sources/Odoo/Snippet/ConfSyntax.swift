/// Reads the lines of an `odoo.conf` text the way Python's `RawConfigParser` does with Odoo's settings:
/// strict, `=` or `:` between key and value, comments on lines of their own after `#` or `;`, keys in lower
/// case, and indented lines that continue the value above them, empty lines included.
///
/// It accepts less than Python where Python's reading is rarely what was meant: no section headers, no
/// control characters or odd blanks, and keys of plain letters, digits, `_`, `-` and `.`. What it accepts,
/// Python reads as the same pairs.
struct ConfSyntax {
  /// One pair of the text.
  struct Pair: Hashable, Sendable {
    /// The key in lower case.
    var key: String
    /// The value, its lines joined by line feeds, without blanks at either end of a line.
    var value: String
    /// The line the key is on, counted from 1.
    var line: Int
  }

  private(set) var pairs: [Pair] = []
  private(set) var problems: [InputProblem] = []
  private let field: String
  private var lines: [String] = []
  private var indent = 0

  /// Reads a text; what is wrong with it is in `problems`.
  init(_ text: String, field: String) {
    self.field = field
    for (index, line) in Self.lines(of: text).enumerated() {
      read(line, number: index + 1)
    }
    finishValue()
  }

  private mutating func read(_ line: [Unicode.Scalar], number: Int) {
    let content = Self.trimmed(line)
    guard let first = content.first else {
      if !lines.isEmpty { lines.append("") }
      return
    }
    if first == "#" || first == ";" { return }
    if let wrong = line.first(where: Self.isForbidden) {
      problems.append(forbidden(wrong, line: number))
      return
    }
    let lineIndent = line.count - line.drop(while: Self.isBlank).count
    if first == "[" {
      problems.append(header(content, line: number))
    } else if !lines.isEmpty, lineIndent > indent {
      lines.append(Self.string(content))
    } else {
      finishValue()
      indent = lineIndent
      readPair(content, number: number)
    }
  }

  private mutating func readPair(_ content: ArraySlice<Unicode.Scalar>, number: Int) {
    guard let delimiter = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
      problems.append(
        InputProblem(
          field: field, line: number, message: "\(quoted(Self.string(content))) has no value.",
          suggestion: "Write key = value; begin a remark with #, and indent a line that continues another."))
      return
    }
    let name = Self.string(Self.trimmed(content[..<delimiter]))
    guard !name.isEmpty else {
      problems.append(
        InputProblem(
          field: field, line: number,
          message: "There is no key before \(quoted(String(content[delimiter]))).",
          suggestion: "Write key = value."))
      return
    }
    guard Self.isKey(name) else {
      problems.append(
        InputProblem(
          field: field, line: number, message: "\(quoted(name)) cannot be a key of odoo.conf.",
          suggestion: "A key is letters, digits and underscores, for example limit_time_cpu."))
      return
    }
    let value = Self.trimmed(content[content.index(after: delimiter)...])
    pairs.append(Pair(key: name.lowercased(), value: "", line: number))
    lines = [Self.string(value)]
  }

  /// Ends the value being read. Empty lines at its end belong to nothing.
  private mutating func finishValue() {
    guard !lines.isEmpty else { return }
    while lines.count > 1, lines.last == "" { lines.removeLast() }
    pairs[pairs.count - 1].value = lines.joined(separator: "\n")
    lines = []
  }
}

extension ConfSyntax {
  /// Whether a text can be a key.
  static func isKey(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// Whether a character may not stand outside a comment: controls but the tab and the line feed, invisible
  /// characters, and blanks other than space and tab, which look like an ordinary space and are not one.
  static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\t" || scalar == " " || scalar == "\n" { return false }
    return scalar.isControlOrFormat || scalar.properties.isWhitespace
  }

  /// The lines of a text as Python's text files have them: ended by LF, CR LF or CR.
  private static func lines(of text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r": lines.append([])
      default: lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    return lines
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

  private static func trimmed(_ line: some Sequence<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    var rest = Array(line)[...]
    while let first = rest.first, isBlank(first) { rest.removeFirst() }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private func header(_ content: ArraySlice<Unicode.Scalar>, line: Int) -> InputProblem {
    let name = String(Self.string(content.dropFirst().prefix { $0 != "]" }).prefix(60))
    return InputProblem(
      field: field, line: line, message: "The section header [\(name)] is not allowed.",
      suggestion: name == "options"
        ? "Leave it out: everything here goes into [options] anyway."
        : "Everything here goes into [options]; remove the header and what belongs below it."
    )
  }

  private func forbidden(_ scalar: Unicode.Scalar, line: Int) -> InputProblem {
    let code = String(scalar.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
    return InputProblem(
      field: field, line: line, message: "There is an invisible or unusual character in this line (\(name)).",
      suggestion: "It often comes with text copied from a page: type the line anew.")
  }
}
