import Foundation
import Jobs

extension Hosting {
  /// Starts an instance that is stopped or failed.
  ///
  /// - Throws: `HostingError`: `conflict` where it runs, another operation is under way, or it was never made as a whole.
  public func startInstance(_ reference: String, by actor: Actor) async throws -> Operation {
    try actor.require(.restartInstances)
    let instance = try await instance(reference, by: actor)
    return try await request(
      StartInstance(instance: instance.id), on: instance, as: .restarting, reason: "Is being started.",
      desired: .running, by: actor
    ) {
      guard instance.status != .running else { throw HostingError.already("runs", instance) }
      try await refuseHalfMade(instance)
    }
  }
}

/// Brings a stopped instance up with the settings as they are saved.
struct StartInstance: InstanceJob {
  static let kind = "instance.start"
  static let action = AuditAction.startInstance
  static let isUndoneOnFailure = true

  let instance: UUID
  var former: FormerState?

  static let steps: [Step<Self>] = [
    .step("Fetch custom modules", within: .seconds(3600), undo: { try await $0.sayWhetherItRuns() }) { work in
      try await work.fetchMissingModules()
    },
    .step(foldersAreThere, within: .seconds(120)) { work in try await work.checkFolders() },
    .step("Build the image with packages", within: DockerRuntime.buildDeadline) { work in
      try await work.buildPackages()
    },
    .step("Move the files", within: .seconds(14_400), undo: { try await $0.endCopying() }) { work in
      try await work.moveFiles()
    },
    // Going back takes as long as all that follows.
    .step("Start PostgreSQL", within: .seconds(960), undo: { try await $0.goBack() }) { work in
      try await work.startDatabase()
    },
    .step("Start the mail catcher", within: .seconds(3600)) { work in try await work.startMailCatcher() },
    .step("Start Odoo", within: .seconds(180)) { work in try await work.startOdoo() },
    .step("Wait until it answers", within: .seconds(600)) { work in try await work.awaitAnswer() },
    .step("Remove the files’ former place", within: .seconds(14_400)) { work in
      try await work.removeFormerFiles()
    },
  ]

  var statusAfterSuccess: (InstanceStatus, String) { (.running, "Answers.") }
  var statusAfterCancel: (InstanceStatus, String) { (.failed, "Its start was cancelled half way.") }
}
