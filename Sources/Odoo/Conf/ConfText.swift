/// The text of an INI file with one section, written so that Python's `RawConfigParser` reads back exactly
/// the pairs that were put in.
struct ConfText {
  private(set) var text: String

  /// Begins a text, by default with the section that Odoo reads.
  init(section: String? = "options") {
    text = section.map { "[\($0)]\n" } ?? ""
  }

  /// Writes a pair. Further lines of a value are indented, which makes them part of it whatever they contain.
  mutating func append(_ key: String, _ value: String) {
    let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
    text += lines[0].isEmpty ? "\(key) =\n" : "\(key) = \(lines[0])\n"
    for line in lines.dropFirst() {
      text += line.isEmpty ? "\n" : "    \(line)\n"
    }
  }

  /// Why a text cannot be a value on one line of the file, or nil where it can.
  ///
  /// Odoo strips blanks around values, and turns `False`, `True` and `None` into something that is no text.
  static func fault(in value: String) -> String? {
    if value.unicodeScalars.contains(where: \.isControlOrFormat) {
      return "has a line break or another control character"
    }
    if value.unicodeScalars.first?.properties.isWhitespace == true
      || value.unicodeScalars.last?.properties.isWhitespace == true
    {
      return "begins or ends with a blank, which Odoo would drop"
    }
    if ["true", "false", "none"].contains(value.lowercased()) {
      return "is \(quoted(value)), which Odoo would not read as text"
    }
    return nil
  }
}
