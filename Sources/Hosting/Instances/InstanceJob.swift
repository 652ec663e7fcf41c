import Foundation
import Jobs
import Odoo

/// An operation on one instance. It says its steps, and what users see of the instance when it ends.
protocol InstanceJob: Job where Context == Hosting {
  /// How the audit log calls the request for it.
  static var action: AuditAction { get }
  /// The instance that it works on.
  var instance: UUID { get }
  /// What the instance was when a person asked for this; nil where it was nothing yet, something else was under way, or the
  /// control plane asks, which has found things as they should not be.
  var former: FormerState? { get set }
  /// The status and its reason after success.
  var statusAfterSuccess: (InstanceStatus, String) { get }
  /// The status and its reason after a cancellation.
  var statusAfterCancel: (InstanceStatus, String) { get }
  /// What the instance is before and after it, as far as the audit log tells that.
  func audited(_ instance: Instance) -> (before: AuditedInstance?, after: AuditedInstance?)
}

/// What users saw of an instance before an operation was asked for, and whether it should run.
struct FormerState: Sendable, Codable {
  var status: InstanceStatus
  var reason: String
  /// The job that had made the status what it was.
  var job: UUID?
  var desired: DesiredState
}

extension InstanceJob {
  static var maxAttempts: Int { 4 }
  /// The step that looks at folders of the server which the instance wants to use, before anything is stopped for them.
  static var foldersAreThere: String { "Look at folders of the server" }

  func audited(_ instance: Instance) -> (before: AuditedInstance?, after: AuditedInstance?) { (nil, nil) }

  /// Says in the transaction that ends the job what has become of the instance.
  func finished(_ outcome: JobOutcome, _ hosting: Hosting, _ transaction: any Transaction) async throws {
    let store = hosting.instanceStore
    if outcome == .cancelled, try await wasLeftAlone(hosting, transaction) { return }
    // Going back says so; who asked for the operation has made it another status.
    let now = try await store.get(instance, transaction)?.status
    let runsAsBefore = Self.isUndoneOnFailure && now == .running
    let (status, reason): (InstanceStatus, String) =
      switch outcome {
      case .succeeded: statusAfterSuccess
      case .failed(let reason): runsAsBefore ? (.running, "Runs as before. \(reason)") : (.failed, reason)
      case .cancelled:
        runsAsBefore ? (.running, "Runs as before: what was asked for was cancelled.") : statusAfterCancel
      }
    try await store.setStatusUnlessRemoving(instance, status, reason: reason, transaction)
  }
}

extension InstanceJob {
  /// Where this was called off before it began, the instance is again what it was. Returns whether that is so.
  func wasLeftAlone(_ hosting: Hosting, _ transaction: any Transaction) async throws -> Bool {
    let store = hosting.instanceStore
    guard let former, let now = try await store.get(instance, transaction),
      try await store.given(instance, transaction)?.job != now.statusJob
    else { return false }
    try await store.setDesired(instance, former.desired, transaction)
    try await store.setStatus(instance, former.status, reason: former.reason, job: former.job, transaction)
    return true
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
    Step(name, deadline: deadline, undo: undo.map { .by(takingBack($0)) } ?? .nothing) { job, run, hosting in
      try await hosting.onServer(of: job.instance, run, body)
    }
  }

  /// A step from which on the operation can only go forward.
  static func lastStep(_ name: String, within deadline: Duration, _ body: @escaping InstanceAction) -> Step<J>
  {
    Step(name, deadline: deadline, undo: .pointOfNoReturn) { job, run, hosting in
      try await hosting.onServer(of: job.instance, run, body)
      return .done
    }
  }

  /// What never began is not taken back, so nobody waits for a server for that.
  private static func takingBack(
    _ action: @escaping InstanceAction
  ) -> @Sendable (J, StepRun, Hosting) async throws -> Void {
    { job, run, hosting in
      guard try await hosting.instanceStore.given(job.instance, atOnce)?.job == run.jobID else { return }
      try await hosting.onServer(of: job.instance, run, action)
    }
  }
}
