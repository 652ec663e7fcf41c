import Foundation
import Jobs
import Odoo
import Postgres

/// An operation on one instance. It says its steps, and what users see of the instance when it ends.
protocol InstanceJob: Job where Context == Hosting {
  /// The instance that it works on.
  var instance: UUID { get }
  /// The status and its reason after success, nil where the instance is gone by then.
  func statusAfterSuccess() -> (InstanceStatus, String)?
  /// The status and its reason after a cancellation.
  func statusAfterCancel() -> (InstanceStatus, String)?
}

extension InstanceJob {
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

/// What a step does, or how it is taken back.
typealias InstanceAction = @Sendable (InstanceWork) async throws -> Void

extension Step where J: InstanceJob {
  /// A step of an operation on an instance, done when `body` returns.
  ///
  /// - Parameter undo: how it is taken back when the operation is cancelled; nil where nothing needs to be.
  static func step(
    _ name: String, within deadline: Duration, undo: InstanceAction? = nil, _ body: @escaping InstanceAction
  ) -> Step<J> {
    waitingStep(name, within: deadline, undo: undo) { work in
      try await body(work)
      return .done
    }
  }

  /// A step that says itself whether it is done or has to wait.
  static func waitingStep(
    _ name: String, within deadline: Duration, undo: InstanceAction? = nil,
    _ body: @escaping @Sendable (InstanceWork) async throws -> StepOutcome
  ) -> Step<J> {
    Step(name, deadline: deadline, undo: undo.map { .by(inWork($0)) } ?? .nothing) { job, run, hosting in
      try await translatingFailures { try await body(InstanceWork(of: job.instance, hosting, run)) }
    }
  }

  /// A step from which on the operation can only go forward.
  static func lastStep(_ name: String, within deadline: Duration, _ body: @escaping InstanceAction) -> Step<J> {
    Step(name, deadline: deadline, undo: .pointOfNoReturn) { job, run, hosting in
      try await inWork(body)(job, run, hosting)
      return .done
    }
  }

  private static func inWork(
    _ action: @escaping InstanceAction
  ) -> @Sendable (J, StepRun, Hosting) async throws -> Void {
    { job, run, hosting in
      try await translatingFailures { try await action(InstanceWork(of: job.instance, hosting, run)) }
    }
  }
}
