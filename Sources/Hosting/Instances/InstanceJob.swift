import Foundation
import Jobs
import Odoo
import Postgres

/// An operation on one instance. It says its steps, and what users see of the instance when it ends.
protocol InstanceJob: Job where Context == Hosting {
  /// The instance that it works on.
  var instance: UUID { get }
  /// What is done on the host when the operation is cancelled, nil where the parts stay for looking at.
  static var undo: InstanceUndo? { get }
  /// The status and its reason after success, nil where the instance is gone by then.
  func statusAfterSuccess() -> (InstanceStatus, String)?
  /// The status and its reason after a cancellation.
  func statusAfterCancel() -> (InstanceStatus, String)?
}

/// Takes back what an operation did on the host.
typealias InstanceUndo = @Sendable (InstanceWork) async throws -> Void

extension InstanceJob {
  static var undo: InstanceUndo? { nil }
  static var maxAttempts: Int { 4 }

  /// Says in the transaction that ends the job what has become of the instance.
  func finished(_ outcome: JobOutcome, _ hosting: Hosting, _ connection: Connection) async throws {
    switch outcome {
    case .succeeded:
      guard let (status, reason) = statusAfterSuccess() else {
        try await hosting.instanceStore.bury(instance, connection)
        return
      }
      try await hosting.instanceStore.setStatus(instance, status, reason: reason, job: nil, connection)
    case .failed(let reason):
      try await hosting.instanceStore.setStatus(instance, .failed, reason: reason, job: nil, connection)
    case .cancelled:
      guard let (status, reason) = statusAfterCancel() else { return }
      try await hosting.instanceStore.setStatus(instance, status, reason: reason, job: nil, connection)
    }
  }
}

extension Step where J: InstanceJob {
  /// A step that says itself whether it is done or has to wait.
  static func waitingStep(
    _ name: String, within deadline: Duration,
    _ body: @escaping @Sendable (InstanceWork) async throws -> StepOutcome
  ) -> Step<J> {
    Step(
      name, deadline: deadline, undo: .nothing,
      run: { job, run, hosting in
        try await translatingFailures {
          try await body(InstanceWork(of: job.instance, hosting, run))
        }
      })
  }

  /// A step that is done when its body returns.
  static func step(
    _ name: String, within deadline: Duration, _ body: @escaping @Sendable (InstanceWork) async throws -> Void
  ) -> Step<J> {
    waitingStep(name, within: deadline) { work in
      try await body(work)
      return .done
    }
  }
}
