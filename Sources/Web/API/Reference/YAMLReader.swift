/// Reads blocks of YAML line by line: what is indented further belongs to the line above.
struct YAMLReader {
  private struct Line {
    var number: Int
    var indent: Int
    /// Without the indentation.
    var content: Substring
    var isEmpty: Bool { content.isEmpty || content.hasPrefix("#") }
  }

  private var lines: [Line] = []
  private var next = 0

  /// The value of the whole `text`.
  ///
  /// - Throws: `YAMLError` with the line.
  static func read(_ text: String) throws -> YAMLValue {
    var reader = YAMLReader()
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let content = line.drop { $0 == " " }
      reader.lines.append(
        Line(number: index + 1, indent: line.count - content.count, content: content))
    }
    let value = try reader.block(from: 0)
    if let rest = reader.peek() {
      throw YAMLError(line: rest.number, reason: "It is indented less than what it follows.")
    }
    return value
  }

  /// The next line that says something.
  private mutating func peek() -> Line? {
    while next < lines.count, lines[next].isEmpty { next += 1 }
    return next < lines.count ? lines[next] : nil
  }

  /// The mapping or list whose lines are indented by `least` or more.
  private mutating func block(from least: Int) throws -> YAMLValue {
    guard let first = peek(), first.indent >= least else { return .text("") }
    if first.content.hasPrefix("{") || first.content.hasPrefix("[") {
      next += 1
      return try value(first.content, of: first, childrenFrom: least)
    }
    return first.content.hasPrefix("- ") ? try list(at: first.indent) : try mapping(at: first.indent)
  }

  private mutating func list(at indent: Int) throws -> YAMLValue {
    var items: [YAMLValue] = []
    while let line = peek(), line.indent == indent, line.content.hasPrefix("- ") {
      let content = line.content.dropFirst(2).drop { $0 == " " }
      // What stands behind the dash is read as a line of its own, where it stands.
      lines[next].indent += line.content.count - content.count
      lines[next].content = content
      if content.first == "{" || content.first == "[" || Self.key(of: content) == nil {
        next += 1
        items.append(try value(content, of: line, childrenFrom: indent + 1))
      } else {
        items.append(try mapping(at: lines[next].indent))
      }
    }
    return .list(items)
  }

  private mutating func mapping(at indent: Int) throws -> YAMLValue {
    var entries: [YAMLValue.Entry] = []
    while let line = peek(), line.indent == indent {
      guard let (key, rest) = Self.key(of: line.content) else {
        throw YAMLError(line: line.number, reason: "There is no key.")
      }
      guard !entries.contains(where: { $0.key == key }) else {
        throw YAMLError(line: line.number, reason: "The key \(key) stands there twice.")
      }
      next += 1
      entries.append(.init(key: key, value: try value(rest, of: line, childrenFrom: indent + 1)))
    }
    if let line = peek(), line.indent > indent {
      throw YAMLError(line: line.number, reason: "It is indented further than what it follows.")
    }
    return .mapping(entries)
  }

  /// The value that begins with `rest` behind a key or a dash.
  private mutating func value(
    _ rest: Substring, of line: Line, childrenFrom least: Int
  ) throws -> YAMLValue {
    switch rest.first {
    case nil: return try block(from: least)
    case "|": return .text(literal(from: least))
    case ">", "&", "*", "!":
      throw YAMLError(line: line.number, reason: "“\(rest.prefix(1))” is not read here.")
    case "{", "[":
      var flow = YAMLFlow(rest, line: line.number)
      while !flow.isBalanced, next < lines.count {
        flow.add(lines[next].content)
        next += 1
      }
      return try flow.read()
    default:
      var flow = YAMLFlow(rest, line: line.number)
      return .text(try flow.wholeText())
    }
  }

  /// The lines of a text behind `|`, without what they are indented by.
  private mutating func literal(from least: Int) -> String {
    var indent: Int?
    var text: [String] = []
    while next < lines.count {
      let line = lines[next]
      if !line.content.isEmpty {
        guard line.indent >= indent ?? least else { break }
        indent = indent ?? line.indent
      }
      let deeper = String(repeating: " ", count: max(0, line.indent - (indent ?? 0)))
      text.append(line.content.isEmpty ? "" : deeper + line.content)
      next += 1
    }
    while text.last == "" { text.removeLast() }
    return text.joined(separator: "\n")
  }

  /// The key at the beginning of `content`, and what stands behind its colon.
  private static func key(of content: Substring) -> (String, Substring)? {
    var key: Substring
    var rest: Substring
    if content.first == "\"" {
      guard let end = content.dropFirst().firstIndex(of: "\"") else { return nil }
      key = content[content.index(after: content.startIndex)..<end]
      rest = content[content.index(after: end)...]
      guard rest.first == ":" else { return nil }
      rest = rest.dropFirst()
    } else {
      guard
        let colon = content.indices.first(where: { index in
          let after = content.index(after: index)
          return content[index] == ":" && (after == content.endIndex || content[after] == " ")
        })
      else { return nil }
      key = content[..<colon]
      rest = content[content.index(after: colon)...]
    }
    guard rest.isEmpty || rest.first == " " else { return nil }
    return (String(key), rest.drop { $0 == " " })
  }
}
