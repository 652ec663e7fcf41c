import Docker
import Foundation
import Jobs
import Odoo
import Postgres
import Remote

extension HostingError {
  /// What an error of a lower room means to people. One that nobody foresaw is `internal` and keeps its text
  /// for the log of the operation.
  public init(translating error: any Error) {
    switch error {
    case let error as HostingError:
      self = error
    case let error as LostPort:
      self = error.refusal
    case let error as DockerError:
      let code: Code =
        switch error {
        case .nameInUse, .inUse, .portInUse: .conflict
        case .notFound, .imageNotFound, .registryRefused, .invalid, .buildFailed: .invalid
        case .unexpectedAnswer, .api, .tooMuchOutput: .internal
        default: .unavailable
        }
      self.init(code, error.message, suggestion: error.suggestion)
    case let error as HostError:
      self.init(error.isTransient ? .unavailable : .invalid, error.message, suggestion: error.suggestion)
    case let error as SSHError:
      self.init(error.isTransient ? .unavailable : .invalid, error.message, suggestion: error.suggestion)
    case let error as PasswordSignInError:
      self = .invalid([Field("password", error.message)], suggestion: error.suggestion)
    case let error as DetachedTaskError:
      self.init(.unavailable, error.description)
    case let error as InvalidInput:
      self = .invalid(error.problems.map { Field($0.field, $0.message) })
    case let error as InputProblem:
      self = .invalid([Field(error.field, error.message)], suggestion: error.suggestion)
    case let error as PostgresError where error.isConnectionLoss:
      self.init(
        .unavailable, "The control plane's database does not answer.",
        suggestion: "It is tried again; if this lasts, look at the database's log.")
    case let error as PostgresError where error.isOutOfResources:
      self.init(
        .unavailable, "The control plane's database has run out of something: \(error.message).",
        suggestion: "Look at the room on its disk, its memory and its connections; it is tried again.")
    case let error as PostgresError where error.isTransactionConflict:
      self.init(
        .unavailable, "Somebody else changed the same at the same time.", suggestion: "Try again.")
    case let error as PostgresError where error.isUnkeepableText:
      self.init(
        .invalid, "A text has a character in it that no text may have (U+0000).", suggestion: "Take it out.")
    default:
      self.init(.internal, "Something unexpected happened: \(error)", suggestion: "Report it with this text.")
    }
  }
}

extension HostingError: RetryableError {
  /// Whether the same may succeed later without anybody mending anything.
  public var isRetryable: Bool { code == .unavailable }
}

/// Runs `body`; what it throws is said in the words of the domain. Cancellation stays what it is.
func translatingFailures<Result: Sendable>(
  isolation: isolated (any _Concurrency.Actor)? = #isolation, _ body: () async throws -> Result
) async throws -> Result {
  do {
    return try await body()
  } catch let error as CancellationError {
    throw error
  } catch {
    throw HostingError(translating: error)
  }
}
