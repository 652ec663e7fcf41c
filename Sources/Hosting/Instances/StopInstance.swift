import Foundation
import Jobs

extension Hosting {
  /// Stops an instance. Database, files and settings are kept.
  ///
  /// - Throws: `HostingError`: `conflict` where it is stopped, another operation is under way, or it was never made as a whole.
  public func stopInstance(_ reference: String, by actor: Actor) async throws -> Operation {
    try actor.require(.stopInstances)
    let instance = try await instance(reference, by: actor)
    return try await request(
      StopInstance(instance: instance.id), on: instance, as: instance.status, reason: "Is being stopped.",
      desired: .stopped, by: actor
    ) {
      guard instance.status != .stopped else { throw HostingError.already("is stopped", instance) }
      try await refuseHalfMade(instance)
    }
  }
}

/// Stops Odoo, then what it talks to, PostgreSQL last, so that every connection is closed cleanly.
struct StopInstance: InstanceJob {
  static let kind = "instance.stop"
  static let action = AuditAction.stopInstance

  let instance: UUID
  var former: FormerState?

  static let steps: [Step<Self>] = [
    .step("Stop Odoo", within: .seconds(180)) { work in try await work.stopOdoo() },
    .step("Stop the mail catcher", within: .seconds(60)) { work in try await work.stopMailCatcher() },
    .step("Stop PostgreSQL", within: .seconds(180)) { work in try await work.stopDatabase() },
  ]

  var statusAfterSuccess: (InstanceStatus, String) { (.stopped, "Was stopped; its data are kept.") }
  var statusAfterCancel: (InstanceStatus, String) { (.failed, "Its stop was cancelled half way.") }
}
