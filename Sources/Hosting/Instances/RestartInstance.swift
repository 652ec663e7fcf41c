import Foundation
import Jobs

/// How much of an instance a restart renews.
public enum RestartMode: String, Sendable, Codable, CaseIterable {
  /// Odoo's process.
  case soft
  /// The containers, from the same images; the data stay.
  case hard
}

extension Hosting {
  /// Restarts an instance.
  ///
  /// - Throws: `HostingError`: `conflict` where another operation is under way, or it was never made as a whole.
  public func restartInstance(_ reference: String, mode: RestartMode, by actor: Actor) async throws
    -> Operation
  {
    try actor.require(.restartInstances)
    let instance = try await instance(reference, by: actor)
    let reason = mode == .soft ? "Odoo is being restarted." : "Its containers are being made anew."
    switch mode {
    case .soft:
      return try await request(
        RestartInstanceSoft(instance: instance.id), on: instance, as: .restarting, reason: reason,
        desired: .running, by: actor
      ) { try await refuseHalfMade(instance) }
    case .hard:
      return try await request(
        RestartInstanceHard(instance: instance.id), on: instance, as: .restarting, reason: reason,
        desired: .running, by: actor
      ) { try await refuseHalfMade(instance) }
    }
  }
}

/// Odoo's process anew, with what it alone reads of the saved settings and the newest code of custom modules.
struct RestartInstanceSoft: InstanceJob {
  static let kind = "instance.restart.soft"
  static let action = AuditAction.restartInstanceSoftly
  static let isUndoneOnFailure = true

  let instance: UUID
  var former: FormerState?

  static let steps: [Step<Self>] = [
    .step("Fetch custom modules", within: .seconds(3600), undo: { try await $0.sayWhetherItRuns() }) { work in
      try await work.fetchNewestModulesSoftly()
    },
    .step(foldersAreThere, within: .seconds(120)) { work in try await work.checkSharedAddonsSoftly() },
    // Going back takes as long as all that follows.
    .step("Stop Odoo", within: .seconds(960), undo: { try await $0.goBackSoftly() }) { work in
      try await work.stopOdoo()
    },
    .step("Start Odoo", within: .seconds(180)) { work in try await work.startSoftly() },
    .step("Wait until it answers", within: .seconds(600)) { work in try await work.awaitAnswerSoftly() },
  ]

  var statusAfterSuccess: (InstanceStatus, String) { (.running, "Answers.") }
  var statusAfterCancel: (InstanceStatus, String) { (.failed, "Its restart was cancelled half way.") }
}

/// Containers anew from the same images, with the settings as they are saved. The data stay where they are.
struct RestartInstanceHard: InstanceJob {
  static let kind = "instance.restart.hard"
  static let action = AuditAction.restartInstanceHard
  static let isUndoneOnFailure = true

  let instance: UUID
  var former: FormerState?

  static let steps: [Step<Self>] = [
    .step("Fetch custom modules", within: .seconds(3600), undo: { try await $0.sayWhetherItRuns() }) { work in
      try await work.fetchNewestModules()
    },
    .step(foldersAreThere, within: .seconds(120)) { work in try await work.checkFolders() },
    // Before anything is stopped: a package that does not exist costs nobody his work.
    .step("Build the image with packages", within: DockerRuntime.buildDeadline) { work in
      try await work.buildPackages()
    },
    // Going back takes as long as all that follows, but for the files, of which only what is new is copied.
    .step("Stop Odoo", within: .seconds(960), undo: { try await $0.goBack() }) { work in
      try await work.stopOdoo()
    },
    .step("Stop PostgreSQL", within: .seconds(180)) { work in try await work.stopDatabase() },
    .step("Remove the containers", within: .seconds(180)) { work in try await work.removeContainers() },
    .step("Fetch the images", within: .seconds(3600)) { work in try await work.fetchImages() },
    .step("Move the files", within: .seconds(14_400), undo: { try await $0.endCopying() }) { work in
      try await work.moveFiles()
    },
    .step("Start PostgreSQL", within: .seconds(180)) { work in try await work.startDatabase() },
    .step("Start the mail catcher", within: .seconds(3600)) { work in try await work.startMailCatcher() },
    .step("Start Odoo", within: .seconds(180)) { work in try await work.startOdoo() },
    .step("Wait until it answers", within: .seconds(600)) { work in try await work.awaitAnswer() },
    .step("Remove the files’ former place", within: .seconds(14_400)) { work in
      try await work.removeFormerFiles()
    },
  ]

  var statusAfterSuccess: (InstanceStatus, String) { (.running, "Answers.") }
  var statusAfterCancel: (InstanceStatus, String) { (.failed, "Its restart was cancelled half way.") }
}
