import Foundation
import Jobs

extension Hosting {
  /// Asks for `job` on `instance`. The same request while it is under way returns what is under way.
  ///
  /// - Parameters:
  ///   - status: what users see from now on, with `reason`.
  ///   - superseding: kinds of jobs that are called off for this one.
  ///   - check: refuses what makes no sense in the present state; not asked for a repeated request.
  /// - Throws: `HostingError` with code `conflict` where something else is under way.
  func request<J: InstanceJob>(
    _ job: J, on instance: Instance, as status: InstanceStatus, reason: String, desired: DesiredState,
    superseding: Set<String> = [], by actor: Actor,
    check: () async throws -> Void = {}
  ) async throws -> Operation {
    if let active = instance.activeJob, let under = try await jobs.job(active), !under.state.isFinal {
      if under.kind == J.kind { return try await operation(active, by: actor) }
      guard superseding.contains(under.kind) else {
        throw HostingError.busy("has a job under way: \(OperationKinds.title(under.kind))", instance)
      }
    }
    try await check()
    try await refuseMaintenance(of: instance.server)
    var job = job
    if instance.activeJob == nil {
      job.former = FormerState(
        status: instance.status, reason: instance.statusReason, job: instance.statusJob,
        desired: instance.desired)
    }
    do {
      let id = try await jobs.transaction { [job] transaction in
        let id = try await enqueue(
          job, on: instance, as: status, reason: reason, superseding: !superseding.isEmpty, by: actor,
          transaction)
        // Behind it: whoever ends a job takes the job first, too, and then the instance.
        try await instanceStore.setDesired(instance.id, desired, transaction)
        return id
      }
      return try await operation(id, by: actor)
    } catch let conflict as JobConflict {
      // Somebody else was faster between our look and our insert.
      guard conflict.kind == J.kind else {
        throw HostingError.busy("has a job under way: \(OperationKinds.title(conflict.kind))", instance)
      }
      return try await operation(conflict.activeJobID, by: actor)
    }
  }

  /// Puts `job` into the queue in the caller's transaction, and says what users see of the instance from now
  /// on.
  ///
  /// - Returns: the job's id.
  func enqueue<J: InstanceJob>(
    _ job: J, on instance: Instance, as status: InstanceStatus, reason: String,
    superseding: Bool = false, by actor: Actor, _ transaction: any Transaction
  ) async throws -> UUID {
    let options = EnqueueOptions(
      subject: instance.id, organisation: instance.organisationID, requestedBy: actor.email,
      lane: instance.server.id, superseding: superseding)
    let queued = try await jobs.enqueue(job, options: options, in: transaction)
    try await instanceStore.setStatus(instance.id, status, reason: reason, job: queued.id, transaction)
    let (before, after) = job.audited(instance)
    try await note(J.action, .instance(instance), before: before, after: after, by: actor, transaction)
    return queued.id
  }
}
