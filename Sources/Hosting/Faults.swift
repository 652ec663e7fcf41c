import Odoo

/// Collects everything that is wrong with a request, so that it can be mended in one go.
struct Faults {
  private(set) var fields: [HostingError.Field] = []
  /// What to do, with the fields for which that is said.
  private var suggestions: [(text: String, fields: [String])] = []
  private let prefix: String

  /// Nothing wrong yet. `prefix` stands before each field's name (`settings.`).
  init(prefix: String = "") {
    self.prefix = prefix
  }

  mutating func add(_ field: String, _ message: String, suggestion: String? = nil) {
    fields.append(.init(prefix + field, message))
    guard let suggestion, !suggestion.isEmpty else { return }
    if let known = suggestions.firstIndex(where: { $0.text == suggestion }) {
      if !suggestions[known].fields.contains(prefix + field) {
        suggestions[known].fields.append(prefix + field)
      }
    } else {
      suggestions.append((suggestion, [prefix + field]))
    }
  }

  mutating func add(_ problem: InputProblem) {
    let place = problem.line.map { "Line \($0): " } ?? ""
    add(problem.field, place + problem.message, suggestion: problem.suggestion)
  }

  /// What `read` gives, or nil with its complaint noted.
  mutating func collect<Value>(_ read: () throws -> Value) -> Value? {
    do {
      return try read()
    } catch let problem as InputProblem {
      add(problem)
    } catch let problems as InvalidInput {
      for problem in problems.problems { add(problem) }
    } catch {
      add("request", String(describing: error))
    }
    return nil
  }

  func throwIfAny() throws {
    guard !fields.isEmpty else { return }
    // With several fields at fault, each suggestion says for which it is.
    let isPlain = Set(fields.map(\.name)).count == 1 || suggestions.count == 1
    let texts = suggestions.map { isPlain ? $0.text : "\($0.fields.joined(separator: ", ")): \($0.text)" }
    throw HostingError.invalid(fields, suggestion: texts.isEmpty ? nil : texts.joined(separator: " "))
  }
}
