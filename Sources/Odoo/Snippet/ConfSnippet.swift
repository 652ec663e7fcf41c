/// A person's own lines for `odoo.conf`, read and sorted: what goes into the file, what belongs in a field,
/// and what deserves a remark.
///
/// A snippet that parses cannot break the file: it has no section header, no key twice, no key of Odeum's
/// own, and no value that Odoo would fail to read.
public struct ConfSnippet: Hashable, Sendable {
  /// A pair for the file.
  public struct Entry: Hashable, Codable, Sendable {
    /// The key in lower case.
    public var key: String
    /// The value; further lines after line feeds.
    public var value: String
    /// The line of the snippet it came from, counted from 1.
    public var line: Int

    /// A pair from a line.
    public init(key: String, value: String, line: Int) {
      self.key = key
      self.value = value
      self.line = line
    }
  }

  /// The name of the field that holds the snippet, as errors carry it.
  public static let field = "odooConf"

  /// The longest snippet in bytes.
  public static let maximumSize = 65_536

  /// What goes into the file, in the snippet's order; each key once.
  public private(set) var entries: [Entry] = []
  /// What moves into fields of its own, in the snippet's order; each field once.
  public private(set) var fieldChanges: [FieldChange] = []
  /// What a person should know, the moved keys among it; nothing of it keeps the snippet from working.
  public private(set) var notes: [InputProblem] = []

  /// A snippet without lines.
  public init() {}

  /// Reads a snippet for a version.
  /// - Parameter mailCatcher: whether the instance's mail goes to a catcher, so that mail servers are not the
  ///   snippet's to choose.
  /// - Throws: `InvalidInput` with every problem and its line.
  public static func parse(
    _ text: String, for version: OdooVersion, mailCatcher: Bool = false
  ) throws(InvalidInput) -> ConfSnippet {
    guard text.utf8.count <= maximumSize else {
      throw InvalidInput([
        InputProblem(
          field: field,
          message: "The text is \(text.utf8.count) bytes long, and \(maximumSize) is the most.",
          suggestion: "Keep only what differs from the defaults.")
      ])
    }
    let syntax = ConfSyntax(text, field: field)
    var problems = syntax.problems
    var snippet = ConfSnippet()
    var firstLine: [String: Int] = [:]
    for pair in syntax.pairs {
      if let earlier = firstLine[pair.key] {
        problems.append(
          InputProblem(
            field: field, line: pair.line,
            message:
              "The key \(pair.key) is in line \(earlier) already; Odoo does not start with a key twice.",
            suggestion: "Keep one of the two lines."))
        continue
      }
      firstLine[pair.key] = pair.line
      do throws(InputProblem) {
        try snippet.take(pair, for: version, mailCatcher: mailCatcher)
      } catch {
        problems.append(error)
      }
    }
    guard problems.isEmpty else {
      throw InvalidInput(problems.sorted { ($0.line ?? 0, $0.message) < ($1.line ?? 0, $1.message) })
    }
    return snippet
  }

  /// The text to keep once the moved keys have left it: one `key = value` a line, in order.
  public var remainingText: String {
    var text = ConfText(section: nil)
    for entry in entries { text.append(entry.key, entry.value) }
    return text.text
  }

  static func mailProblem(_ key: String, line: Int) -> InputProblem {
    InputProblem(
      field: field, line: line,
      message: "The key \(key) is set by Odeum: the mail of this instance goes to its mail catcher.",
      suggestion: "Remove the line; on the stage production mail goes out.")
  }

  private mutating func take(
    _ pair: ConfSyntax.Pair, for version: OdooVersion, mailCatcher: Bool
  ) throws(InputProblem) {
    guard let key = ConfKey.named(pair.key) else {
      note(
        pair.line,
        "Odoo \(version) does not know the key \(pair.key); it stays in the file for modules that read it.")
      entries.append(Entry(key: pair.key, value: pair.value, line: pair.line))
      return
    }
    switch key.owner {
    case .reserved(let why):
      throw InputProblem(
        field: Self.field, line: pair.line, message: "The key \(pair.key) is set by Odeum. \(why)",
        suggestion: "Remove the line.")
    case .mail where mailCatcher:
      throw Self.mailProblem(pair.key, line: pair.line)
    case .field(let owner):
      let value = try ConfValue(pair, kind: key.kind, version: version)
      let (change, remark) = try value.change(of: owner)
      fieldChanges.append(change)
      note(pair.line, "\(pair.key) has a field of its own and moved there: \(owner.label).\(remark)")
    case .snippet, .mail:
      let value = try ConfValue(pair, kind: key.kind, version: version)
      if !key.exists(in: version) { note(pair.line, Self.absence(of: key, in: version)) }
      if let remark = value.remark { note(pair.line, remark) }
      entries.append(Entry(key: pair.key, value: value.text, line: pair.line))
    }
  }

  private mutating func note(_ line: Int, _ message: String) {
    notes.append(InputProblem(field: Self.field, line: line, message: message))
  }

  private static func absence(of key: ConfKey, in version: OdooVersion) -> String {
    version < key.since
      ? "The key \(key.name) does nothing in Odoo \(version): it exists from \(key.since) on."
      : "The key \(key.name) does nothing in Odoo \(version): \(key.until) was the last version that read it."
  }
}
