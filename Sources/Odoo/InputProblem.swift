/// One thing wrong with what a person gave: which field, which line, what is wrong, and what to do about it.
///
/// Every validation of this module reports its findings in this shape, so that a form, an API answer and a
/// terminal can show them alike.
public struct InputProblem: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// The field the value came from, named as in the API (`slug`, `odooConf`, `modules`).
  public var field: String
  /// The line inside a text of several lines, counted from 1; nil for a field of one line.
  public var line: Int?
  /// What is wrong, as a whole sentence.
  public var message: String
  /// What to do next, as a whole sentence; empty where the message says it already.
  public var suggestion: String

  /// A finding about one field.
  public init(field: String, line: Int? = nil, message: String, suggestion: String = "") {
    self.field = field
    self.line = line
    self.message = message
    self.suggestion = suggestion
  }

  /// Message and suggestion in one line, led by the line number where there is one.
  public var description: String {
    let place = line.map { "line \($0): " } ?? ""
    return suggestion.isEmpty ? place + message : "\(place)\(message) \(suggestion)"
  }
}

/// Everything wrong with one input, so that a person can correct it in one go.
public struct InvalidInput: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// The findings in the order of the input; never empty.
  public var problems: [InputProblem]

  /// An error made of the given findings.
  public init(_ problems: [InputProblem]) {
    self.problems = problems
  }

  /// One finding a line.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
