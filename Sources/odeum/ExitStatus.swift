import ArgumentParser
import Client

/// What the program tells the shell; docs/cli.md lists it.
enum ExitStatus: Int32 {
  case done = 0
  case fault = 1
  case usage = 2
  case notFound = 3
  case conflict = 4
  case invalid = 5
  case forbidden = 6
  case unavailable = 7
  case jobFailed = 8
  /// As shells have it for a program that Ctrl-C ended.
  case interrupted = 130

  /// The status for what the API calls `code`.
  init(code: String) {
    self =
      switch code {
      case "notFound": .notFound
      case "conflict": .conflict
      case "invalid": .invalid
      case "forbidden", "unauthenticated", "plan": .forbidden
      case "unavailable", "tooMany": .unavailable
      default: .fault
      }
  }
}

/// What a command could not do, and what the person can type next.
struct CommandFailure: Error {
  var status: ExitStatus
  /// What happened, one sentence.
  var message: String
  /// Details, one a line.
  var details: [String] = []
  /// What to type or do next.
  var next: String?

  /// `error` as it is told on the command line.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let problem as API.Problem: self.init(problem)
    case let error as ClientError:
      let status: ExitStatus = error.kind == .badAddress ? .usage : .unavailable
      self.init(status: status, message: error.message, next: error.suggestion)
    case is Interrupted, is CancellationError: self.init(status: .interrupted, message: "Interrupted.")
    default: self.init(status: .fault, message: "odeum met an error of its own: \(error)")
    }
  }

  /// `error` as it is told of the command that one types as `words`: its help, and not the API's document, lists what the
  /// options may be.
  init(_ error: any Error, in words: String) {
    self.init(error)
    if status == .invalid, next?.contains("\(API.root)/openapi.yaml") ?? true { next = "\(words) --help" }
  }

  init(status: ExitStatus, message: String, details: [String] = [], next: String? = nil) {
    self.status = status
    self.message = message
    self.details = details
    self.next = next
  }

  private init(_ problem: API.Problem) {
    status = ExitStatus(code: problem.code)
    message = problem.title
    details = (problem.fields ?? []).filter { $0.message != problem.title }.map {
      "\($0.name): \($0.message)"
    }
    next = problem.code == "unauthenticated" ? "odeum login URL" : problem.suggestion
  }

  /// The lines that tell of it.
  func lines(_ style: Style) -> [String] {
    ["\(style("odeum:", .red)) \(message)"] + details.map { "  \($0)" }
      + (next.map { ["\(style("Next:", .bold)) \($0)"] } ?? [])
  }
}

/// Runs `body`; where there is no such thing, the advice is `command`, which lists what there is.
func orListed<Result>(by command: String, _ body: () async throws -> Result) async throws -> Result {
  do {
    return try await body()
  } catch {
    throw error.advising(command, for: .notFound)
  }
}

extension Error {
  /// This error with `next` in place of what the server advised, where it is of the kind `status`.
  func advising(_ next: String, for status: ExitStatus) -> any Error {
    var failure = CommandFailure(self)
    guard failure.status == status else { return self }
    failure.next = next
    return failure
  }
}
