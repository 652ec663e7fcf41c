import Postgres

/// A piece of durable work: what it needs to know is its `Codable` content, how it is done are its steps.
///
/// It is kept in the database until it has succeeded, failed or been cancelled, and goes on elsewhere, at the step
/// that was cut off, when the process that runs it dies. So each step must look before it acts.
public protocol Job: Codable, Sendable {
  /// What the steps work with, such as clients and stores; given when the kind is registered with a worker.
  associatedtype Context: Sendable

  /// The name in the database, such as `instance.create`. It must never change, nor be used for something else.
  static var kind: String { get }

  /// What is done, in this order. A step's name is what people see, and how a resumed job finds its place.
  static var steps: [Step<Self>] { get }

  /// How often one step is tried when it throws a `RetryableError`; 5 unless stated.
  static var maxAttempts: Int { get }

  /// Whether a failure undoes the steps, as cancelling always does; false unless stated.
  static var isUndoneOnFailure: Bool { get }

  /// Writes what the end of the job means for the domain, in the transaction that writes the final state: both
  /// are there, or neither.
  ///
  /// When it throws, the job ends as failed and this is called once more with that outcome.
  func finished(_ outcome: JobOutcome, _ context: Context, _ transaction: any Transaction) async throws
}

extension Job {
  /// 5
  public static var maxAttempts: Int { 5 }
  /// false
  public static var isUndoneOnFailure: Bool { false }
}

/// A job whose end changes nothing but its own state. Many of these are finished in one statement.
public protocol PlainJob: Job {}

extension PlainJob {
  /// Nothing; it is not called.
  public func finished(_ outcome: JobOutcome, _ context: Context, _ transaction: any Transaction) async throws
  {}
}

/// How a job ended.
public enum JobOutcome: Sendable, Hashable {
  /// All steps are done.
  case succeeded
  /// A step failed for good, for the reason that is shown to people.
  case failed(reason: String)
  /// Someone asked for its end, and what it had done is undone.
  case cancelled

  /// The final state.
  public var state: JobState {
    switch self {
    case .succeeded: .succeeded
    case .failed: .failed
    case .cancelled: .cancelled
    }
  }

  var reason: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}

/// An error that knows whether trying again may help.
public protocol RetryableError: Error {
  /// Whether the step should run again after a pause.
  var isRetryable: Bool { get }
}

extension PostgresError: RetryableError {
  /// A lost connection, a server without room, or a transaction that lost against another one.
  public var isRetryable: Bool { isConnectionLoss || isOutOfResources || isTransactionConflict }
}
