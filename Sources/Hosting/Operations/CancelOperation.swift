import Foundation
import Jobs

extension Hosting {
  /// Calls an operation off. It ends as cancelled when the step that is under way has stopped on the host and
  /// what it did is taken back.
  ///
  /// - Throws: `HostingError`: `conflict` where it has ended already; `notFound`; `forbidden`.
  public func cancelOperation(_ id: UUID, by actor: Actor) async throws -> Operation {
    let job = try await job(id, by: actor)
    try await requireCancelling(job, by: actor)
    // Both or neither: whoever sees the cancellation finds who asked for it.
    try await jobs.transaction { transaction in
      if case .alreadyFinal(let state) = try await jobs.cancel(id, in: transaction) {
        throw HostingError(
          .conflict, "This job has ended already: \(state.rawValue).",
          suggestion: "There is nothing to call off.")
      }
      try await note(.cancelOperation, AuditSubject("job", id, job.kind), by: actor, transaction)
    }
    return try await operation(id, by: actor)
  }

  /// The operation `id`, for one who may call it off.
  ///
  /// - Throws: `HostingError`: `notFound`; `forbidden`.
  public func operationToCancel(_ id: UUID, by actor: Actor) async throws -> Operation {
    try await requireCancelling(job(id, by: actor), by: actor)
    return try await operation(id, by: actor)
  }

  private func requireCancelling(_ job: JobRecord, by actor: Actor) async throws {
    if OperationKinds.isOnServer(job.kind), let server = job.subject {
      _ = try await controlled(server.uuidString, by: actor)
    } else {
      try actor.require(job.kind == CreateInstance.kind ? .createInstances : .restartInstances)
    }
  }
}
