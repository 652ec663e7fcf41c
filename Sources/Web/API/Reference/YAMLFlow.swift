import Foundation

/// Reads what stands in braces and brackets, and single texts.
struct YAMLFlow {
  private var characters: [Character]
  private var at = 0
  private let line: Int

  init(_ text: Substring, line: Int) {
    characters = Array(text)
    self.line = line
  }

  /// Adds a further line.
  mutating func add(_ text: Substring) {
    characters.append(" ")
    characters += text
  }

  /// Whether every brace and bracket is closed.
  var isBalanced: Bool {
    var depth = 0
    var quote: Character?
    var last: Character = ","
    for character in characters where character != " " || quote != nil {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'", "{[,:".contains(last) {
        // Elsewhere it is an apostrophe.
        quote = character
      } else if "{[".contains(character) {
        depth += 1
      } else if "}]".contains(character) {
        depth -= 1
      }
      last = character
    }
    return depth <= 0
  }

  /// The value, which is all there is.
  mutating func read() throws -> YAMLValue {
    let value = try value()
    try end()
    return value
  }

  /// The text, with or without quotes, which is all there is.
  mutating func wholeText() throws -> String {
    if let quote = characters.first, quote == "\"" || quote == "'" {
      let text = try quoted()
      try end()
      return text
    }
    let text = String(characters)
    return text.range(of: " #").map { String(text[..<$0.lowerBound]) } ?? text
  }

  private mutating func value() throws -> YAMLValue {
    skipSpace()
    switch peek {
    case "{": return try braces()
    case "[": return try brackets()
    case "\"", "'": return .text(try quoted())
    default: return .text(try plain(until: ",}]"))
    }
  }

  private mutating func braces() throws -> YAMLValue {
    var entries: [YAMLValue.Entry] = []
    at += 1
    while true {
      skipSpace()
      if take("}") { return .mapping(entries) }
      let key = peek == "\"" || peek == "'" ? try quoted() : try plain(until: ":")
      skipSpace()
      guard take(":") else { throw fault("“:” is missing behind \(key)") }
      entries.append(.init(key: key, value: try value()))
      skipSpace()
      guard take(",") || peek == "}" else { throw fault("“,” or “}” is missing") }
    }
  }

  private mutating func brackets() throws -> YAMLValue {
    var items: [YAMLValue] = []
    at += 1
    while true {
      skipSpace()
      if take("]") { return .list(items) }
      items.append(try value())
      skipSpace()
      guard take(",") || peek == "]" else { throw fault("“,” or “]” is missing") }
    }
  }

  private mutating func quoted() throws -> String {
    let quote = characters[at]
    var text = ""
    at += 1
    while let character = peek {
      at += 1
      if character == quote {
        // Two of them are one, in single quotes.
        guard quote == "'", take("'") else { return text }
        text.append("'")
      } else if character == "\\", quote == "\"" {
        guard let escaped = peek else { break }
        at += 1
        switch escaped {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "\\", "\"", "/": text.append(escaped)
        default: throw fault("“\\\(escaped)” is not read here")
        }
      } else {
        text.append(character)
      }
    }
    throw fault("a quotation mark is missing")
  }

  private mutating func plain(until ends: String) throws -> String {
    let start = at
    while let character = peek, !ends.contains(character) { at += 1 }
    var text = characters[start..<at]
    while text.last == " " { text.removeLast() }
    guard !text.isEmpty else { throw fault("a value is missing") }
    return String(text)
  }

  private mutating func end() throws {
    skipSpace()
    guard peek == nil || peek == "#" else { throw fault("something stands behind the value") }
  }

  private var peek: Character? { at < characters.count ? characters[at] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard peek == character else { return false }
    at += 1
    return true
  }

  private mutating func skipSpace() {
    while peek == " " { at += 1 }
  }

  private func fault(_ reason: String) -> YAMLError { YAMLError(line: line, reason: "\(reason).") }
}
