import Odoo

/// Collects everything that is wrong with a request, so that it can be mended in one go.
struct Faults {
  private(set) var fields: [HostingError.Field] = []
  private var suggestions: [String] = []
  private let prefix: String

  /// Nothing wrong yet. `prefix` stands before each field's name (`settings.`).
  init(prefix: String = "") {
    self.prefix = prefix
  }

  mutating func add(_ field: String, _ message: String, suggestion: String? = nil) {
    fields.append(.init(prefix + field, message))
    if let suggestion, !suggestion.isEmpty { suggestions.append(suggestion) }
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
    throw HostingError.invalid(
      fields, suggestion: suggestions.isEmpty ? nil : suggestions.joined(separator: " "))
  }
}
