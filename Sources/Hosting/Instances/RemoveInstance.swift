import Foundation
import Jobs
import Postgres

extension Hosting {
  /// Removes an instance with its data. A creation that is still under way is called off first.
  ///
  /// - Throws: `HostingError`: `conflict` for an instance in production, or where another operation is under
  ///   way.
  public func removeInstance(_ reference: String, by actor: Actor) async throws -> Operation {
    try actor.require(.removeInstances)
    let instance = try await instance(reference, by: actor)
    return try await request(
      RemoveInstance(instance: instance.id), on: instance, as: .removing, reason: "Is being removed.",
      desired: .stopped, superseding: [CreateInstance.kind], by: actor
    ) {
      // What never came to life holds nobody's business.
      let lives = instance.status != .creating && instance.appliedSettings != nil
      guard instance.stage != .production || !lives else {
        throw HostingError(
          .conflict, "\(instance.name) is in production, and instances in production are not removed.",
          suggestion: "Move it to another stage first: odeum instance settings \(instance.name) --stage dev")
      }
    }
  }
}

/// Removes everything of an instance from its server and leaves a tombstone.
struct RemoveInstance: InstanceJob {
  static let kind = "instance.remove"
  static let action = AuditAction.removeInstance

  let instance: UUID
  var former: FormerState?

  static let steps: [Step<Self>] = [
    .step("Stop Odoo", within: .seconds(180)) { work in try await work.stopOdoo() },
    .step("Stop PostgreSQL", within: .seconds(180)) { work in try await work.stopDatabase() },
    .step("Remove the containers", within: .seconds(180)) { work in try await work.removeContainers() },
    .lastStep("Remove the volumes", within: .seconds(14_400)) { work in try await work.removeVolumes() },
    .step("Remove the network", within: .seconds(180)) { work in try await work.removeNetworks() },
    .step("Remove its folder", within: .seconds(600)) { work in try await work.removeFolder() },
    .step("Remove images that nobody needs", within: .seconds(3600)) { work in
      try await work.removeUnneededPackages(without: work.instance.id)
    },
    .step("Look that nothing is left", within: .seconds(180)) { work in try await work.verifyNothingIsLeft()
    },
  ]

  func audited(_ instance: Instance) -> (before: AuditedInstance?, after: AuditedInstance?) {
    (AuditedInstance(instance), nil)
  }

  var statusAfterSuccess: (InstanceStatus, String) { (.removing, "Is gone.") }
  var statusAfterCancel: (InstanceStatus, String) { (.failed, "Its removal was cancelled half way.") }

  /// The row becomes a tombstone; a removal that came to nothing leaves the instance as failed.
  func finished(_ outcome: JobOutcome, _ hosting: Hosting, _ transaction: any Transaction) async throws {
    let store = hosting.instanceStore
    switch outcome {
    case .succeeded: try await store.bury(instance, transaction)
    case .failed(let reason):
      try await store.setStatus(instance, .failed, reason: reason, job: nil, transaction)
    case .cancelled:
      if try await wasLeftAlone(hosting, transaction) { return }
      let (status, reason) = statusAfterCancel
      try await store.setStatus(instance, status, reason: reason, job: nil, transaction)
    }
  }
}
