import Foundation
import Odoo

/// What came of the wish to change settings.
public struct ChangedSettings: Sendable {
  /// The instance as it is wanted now.
  public var instance: Instance
  /// Remarks, such as a key of the snippet that moved into its own field, or memory that the server does not have.
  public var notes: [String]
}

/// What saving settings would bring about.
public struct SettingsPreview: Sendable {
  /// The settings as they would be.
  public var settings: InstanceSettings
  /// Which restart would bring everything into effect that is wanted then.
  public var restart: PendingRestart
  /// Remarks, such as a key of the snippet that would move into its own field, or memory that the server does not have.
  public var notes: [String]
}

extension Hosting {
  /// What saving `change` would bring about; nothing is saved.
  ///
  /// - Throws: as `changeSettings`, but never `conflict`.
  public func previewSettings(
    of reference: String, _ change: SettingsChange, by actor: Actor
  ) async throws -> SettingsPreview {
    try actor.require(.changeSettings)
    var instance = try await instance(reference, by: actor)
    let server = try await serverStore.get(instance.server.id, atOnce)
    let checked = try await check(change, onto: instance, on: server, by: actor)
    let memoryNotes = instance.memoryNotes(with: checked.settings, on: server, for: actor)
    instance.settings = checked.settings
    return SettingsPreview(
      settings: checked.settings, restart: instance.pendingRestart, notes: checked.notes + memoryNotes)
  }

  /// Saves settings of an instance. They take effect with the next restart, of the kind that `pendingRestart`
  /// says.
  ///
  /// - Parameter expectedRevision: the revision that the one who asks has seen; nil saves whatever it is now.
  /// - Throws: `HostingError`: `invalid` with every field at fault; `conflict` where somebody else saved
  ///   meanwhile; `plan` for settings that it does not include.
  public func changeSettings(
    of reference: String, _ change: SettingsChange, expectedRevision: Int? = nil, by actor: Actor
  ) async throws -> ChangedSettings {
    try actor.require(.changeSettings)
    let instance = try await instance(reference, by: actor)
    guard instance.status != .removing else { throw HostingError.busy("is being removed", instance) }
    let revision = expectedRevision ?? instance.settingsRevision
    let server = try await serverStore.get(instance.server.id, atOnce)
    let checked = try await check(change, onto: instance, on: server, by: actor)
    let saved = checked.settings
    let isSaved = try await jobs.transaction { transaction in
      try await holdFolders(
        saved, insteadOf: instance.settings, on: instance.server, by: actor, transaction)
      guard
        try await instanceStore.setSettings(
          instance.id, saved, expecting: revision, transaction)
      else { return false }
      try await note(
        .changeSettings, .instance(instance), before: instance.settings, after: saved, by: actor,
        transaction)
      return true
    }
    guard isSaved else {
      var error = HostingError(
        .conflict, "Somebody else saved settings of \(instance.name) meanwhile.",
        suggestion: "Load them again, look at what changed, then save yours.")
      error.isStale = expectedRevision != nil
      throw error
    }
    return ChangedSettings(
      instance: try await self.instance(instance.id.uuidString, by: actor),
      notes: checked.notes + instance.memoryNotes(with: saved, on: server, for: actor))
  }

  /// What the settings of `instance` on `server` are with `change` in them.
  ///
  /// - Throws: `HostingError`: `invalid` with every field at fault; `plan` for settings that it does not include.
  private func check(
    _ change: SettingsChange, onto instance: Instance, on server: Server?, by actor: Actor
  ) async throws -> CheckedSettings {
    var checked = try change.checked(
      onto: instance.settings, version: instance.version, stage: instance.stage,
      cores: server?.facts.cores ?? 1, catchesMail: configuration.catchesMail(on: instance.stage),
      offered: offeredFolders(of: server, named: instance.server.name, to: actor))
    checked.settings = checked.settings.naming(modulesBy: actor, former: instance.settings.customModules)
    if checked.settings.isTuned(from: instance.settings),
      let refusal = try await plan(by: actor).refusal(of: .instanceTuning)
    {
      throw refusal
    }
    return checked
  }

  /// Moves an instance to another stage. Its settings stay as they are.
  ///
  /// - Throws: `HostingError` with code `forbidden`, `notFound`, `conflict` or `plan`.
  public func moveInstance(_ reference: String, to stage: Stage, by actor: Actor) async throws -> Instance {
    try actor.require(.changeSettings)
    let instance = try await instance(reference, by: actor)
    guard instance.status != .removing else { throw HostingError.busy("is being removed", instance) }
    try await refuseStage(stage, of: instance)
    try refuseMailServers(of: instance, on: stage)
    try await jobs.transaction { transaction in
      if stage != instance.stage {
        try refuseBeyondPlan(
          try await planStore.hold(actor.organisationID, transaction), stage: stage, isNew: false,
          edition: .community)
      }
      try await instanceStore.setStage(instance.id, stage, transaction)
      try await note(
        .moveInstance, .instance(instance), before: ["stage": instance.stage.rawValue],
        after: ["stage": stage.rawValue], by: actor, transaction)
    }
    return try await self.instance(instance.id.uuidString, by: actor)
  }
}

extension Hosting {
  /// Refuses a stage on which mail is caught to an instance whose lines for odoo.conf name another mail server.
  private func refuseMailServers(of instance: Instance, on stage: Stage) throws {
    guard configuration.catchesMail(on: stage) else { return }
    do {
      _ = try ConfSnippet.parse(instance.settings.odooConf, for: instance.version, mailCatcher: true)
    } catch {
      throw HostingError(
        .conflict,
        "\(instance.name) cannot go to \(stage.rawValue) with its own lines for odoo.conf: "
          + HostingError(translating: error).message,
        suggestion: "Remove those lines under Settings, Odoo first: on that stage its mail is caught.",
        fields: [.init("stage", "Its lines for odoo.conf name a mail server.")])
    }
  }
}

extension Instance {
  /// What `actor` should know of the memory of `server` where this instance gets `wanted`, a sentence each. Nothing where
  /// the server does not exist for him, or no more is asked of it than before.
  func memoryNotes(with wanted: InstanceSettings, on server: Server?, for actor: Actor) -> [String] {
    guard let server, let memory = server.facts.memoryMB, let cores = server.facts.cores,
      actor.can(.viewServers), actor.reaches(server: server.id)
    else { return [] }
    let before = settings.demand(stage: stage, cores: cores)
    let demand = wanted.demand(stage: stage, cores: cores)
    let left = memory - Sizing.memoryOfHost - (server.load.memoryMB - before.memory)
    guard demand.memory > before.memory, left < demand.memory else { return [] }
    return [
      Placement.overCommitment(of: server, wanted: demand.memory, left: left, by: " by others"),
      Sizing.advice(cores: cores, memory: max(0, left), workersWanted: demand.workers).reason,
    ]
  }
}

extension HostingError {
  /// The instance is in the wanted state already.
  static func already(_ state: String, _ instance: Instance) -> HostingError {
    HostingError(.conflict, "\(instance.name) \(state) already.", suggestion: "There is nothing to do.")
  }

  /// The instance cannot take this now.
  static func busy(_ state: String, _ instance: Instance) -> HostingError {
    HostingError(
      .conflict, "\(instance.name) \(state).",
      suggestion: "Wait until that has ended: odeum job list --instance \(instance.name)")
  }
}
