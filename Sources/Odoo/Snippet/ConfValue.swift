/// A value of a known key, checked against the shape that Odoo expects.
struct ConfValue {
  /// The value as it goes into the file.
  let text: String
  /// What a person should know about it, if anything.
  let remark: String?

  private let pair: ConfSyntax.Pair

  init(_ pair: ConfSyntax.Pair, kind: ConfKind, version: OdooVersion) throws(InputProblem) {
    self.pair = pair
    switch kind {
    case .integer(let allowed):
      text = pair.value
      remark = nil
      guard Self.isInteger(text), let value = Int(text), allowed.contains(value) else {
        throw Self.refuse(pair, "a whole number from \(allowed.lowerBound) to \(allowed.upperBound)")
      }
    case .number:
      text = pair.value
      remark = nil
      guard Self.isNumber(text) else { throw Self.refuse(pair, "a number, for example 1.5") }
    case .flag:
      // Up to 18.0 only these four spellings are booleans; `no` would be a non-empty text, and so true.
      guard let value = Self.flag(pair.value) else { throw Self.refuse(pair, "True or False") }
      text = value ? "True" : "False"
      remark = nil
    case .choice(let words):
      text = pair.value
      remark = nil
      guard words.contains(text) else { throw Self.refuse(pair, "one of \(words.joined(separator: ", "))") }
    case .text:
      text = pair.value
      remark = nil
      guard !text.contains("\n") else {
        throw InputProblem(
          field: ConfSnippet.field, line: pair.line,
          message: "The value of \(pair.key) goes over several lines.",
          suggestion: "Write it on one line; a line of its own must not be indented.")
      }
    case .list:
      text = pair.value
      remark = pair.key == "dev_mode" ? Self.developerModeRemark : nil
    }
  }

  /// The value as a change of a field, and a remark to add to the note about it.
  func change(of field: ConfField) throws(InputProblem) -> (FieldChange, String) {
    switch field {
    case .workers: return (.workers(try integer(in: field.allowed)), "")
    case .cronThreads: return (.cronThreads(try integer(in: field.allowed)), "")
    case .cpuTimeLimit: return (.cpuTimeLimit(seconds: try integer(in: field.allowed)), "")
    case .realTimeLimit: return (.realTimeLimit(seconds: try integer(in: field.allowed)), "")
    case .memoryPerWorker:
      let mebibyte = 1_024 * 1_024
      let bytes = try integer(in: 0...(field.allowed.upperBound * mebibyte))
      let megabytes = (bytes + mebibyte - 1) / mebibyte
      return (
        .memoryPerWorker(megabytes: megabytes),
        bytes % mebibyte == 0 ? " It holds \(megabytes) MB." : " It holds \(megabytes) MB, rounded up."
      )
    case .databaseFilter:
      guard !text.isEmpty, DatabaseFilter.fault(in: text, for: nil) == nil else {
        throw Self.refuse(pair, "a regular expression, for example ^shop$")
      }
      return (.databaseFilter(text), "")
    case .logLevel:
      guard let level = LogLevelName(rawValue: text) else { throw Self.refuse(pair, "a level such as info") }
      return (.logLevel(level), "")
    }
  }

  private func integer(in allowed: ClosedRange<Int>) throws(InputProblem) -> Int {
    guard let value = Int(text), allowed.contains(value) else {
      throw Self.refuse(pair, "a number from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return value
  }

  private static let developerModeRemark =
    "Developer mode slows Odoo down, and its parts werkzeug and (up to 18.0) all open a debugger to everyone "
    + "who meets an error page: never on an instance that the internet can reach."

  private static func refuse(_ pair: ConfSyntax.Pair, _ expected: String) -> InputProblem {
    InputProblem(
      field: ConfSnippet.field, line: pair.line,
      message: "The value of \(pair.key) is \(pair.value.isEmpty ? "empty" : quoted(pair.value)).",
      suggestion: "Give \(expected).")
  }

  private static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "1", "yes", "on": true
    case "false", "0", "no", "off": false
    default: nil
    }
  }

  private static func isInteger(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    // Odoo up to 18.0 reads a leading zero as the sign of an octal or binary number.
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), Int(text) != nil else { return false }
    return digits == "0" || !digits.hasPrefix("0")
  }

  private static func isNumber(_ text: String) -> Bool {
    let parts = (text.hasPrefix("-") ? text.dropFirst() : text[...])
      .split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return false }
    return parts.allSatisfy { digits in
      (1...18).contains(digits.utf8.count) && digits.utf8.allSatisfy { (48...57).contains($0) }
    }
  }
}
