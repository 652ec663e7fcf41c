import Foundation
import Jobs
import Odoo
import Postgres
import Remote

/// What came of the wish for an instance.
public struct CreatedInstance: Sendable {
  /// The instance, being created.
  public var instance: Instance
  /// The operation that makes it.
  public var operation: Operation
  /// The password of Odoo's user `admin`: said here, stored nowhere; nil where the same wish had been granted
  /// before.
  public var adminPassword: Secret?
  /// Remarks that need no action.
  public var notes: [String]
}

extension Hosting {
  /// Creates an instance.
  ///
  /// The same wish with the same `idempotencyKey` returns what it returned before, without the password.
  ///
  /// - Throws: `HostingError`: `invalid` with every field at fault; `conflict` where the name or the ports
  ///   are taken, or what came of the same wish is gone; `forbidden`; `plan`.
  public func createInstance(
    _ wish: NewInstance, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> CreatedInstance {
    try actor.require(.createInstances)
    let outcome = try await once(
      idempotencyKey, .instance, by: actor, known: { try await created($0, by: actor) }
    ) { try await createInstance(wish, under: $0, by: actor) }
    return switch outcome {
    case .made(let created), .before(let created): created
    }
  }

  private func createInstance(
    _ wish: NewInstance, under requestKey: RequestKey?, by actor: Actor
  ) async throws -> CreatedInstance {
    let plan = try await plan(by: actor)
    // Before what is wrong with the source of Enterprise, which the plan would not let him use.
    if wish.edition == Edition.enterprise.rawValue, let refusal = plan.refusal(of: .enterprise) {
      throw refusal
    }
    let checked = try wish.checked(today: Date())
    try refuseBeyondPlan(plan, stage: checked.stage, isNew: true, edition: checked.edition)
    let placed = try await place(
      .init(stage: checked.stage, workers: wish.settings.workers ?? nil), wish: wish.server, by: actor)
    let server = placed.server
    let runtime = await fleet.looking(at: server.reference)
    var settings = try wish.settings.checked(
      onto: InstanceSettings(defaultsOf: checked.stage), version: checked.version, stage: checked.stage,
      cores: server.facts.cores ?? 1, catchesMail: configuration.catchesMail(on: checked.stage),
      offered: offeredFolders(of: server, named: server.name, to: actor), prefix: "settings.")
    settings.settings = settings.settings.naming(modulesBy: actor, former: [])
    let isTuned = settings.settings.isTuned(from: InstanceSettings(defaultsOf: checked.stage))
    try refuseBeyondPlan(
      plan, stage: checked.stage, isNew: true, edition: checked.edition, isTuned: isTuned)
    let listening = try await translatingFailures { try await runtime.host.listeningPorts() }
    let adminPassword = randomPassword()
    let secrets = InstanceSecrets(databasePassword: randomPassword(), masterPassword: randomPassword())
    let origin = DatabaseOrigin(
      language: checked.language, country: checked.country, demo: wish.demo, modules: checked.modules,
      adminPassword: try .ofRandomPassword(adminPassword))
    let id = UUID()
    let sealed = try masterKey.seal(secrets, of: id)
    func lettered() -> String { "\(checked.name)-\(String(UInt16.random(in: .min ... .max), radix: 36))" }
    var hostName = server.isForSeveral ? lettered() : nil
    // Two requests may choose the same block at the same time; the constraint lets one of them through.
    while true {
      let taken = try await instanceStore.takenPorts(on: server.id, atOnce)
      let (block, portNotes) = try PortBlock.choose(
        wish: wish.basePort, taken: taken, listening: listening, server: server.name,
        scattered: server.isForSeveral)
      let instance = Instance(
        id: id, organisationID: actor.organisationID, server: server.reference, name: checked.name,
        version: checked.version,
        edition: checked.edition, stage: checked.stage, basePort: block.base, origin: origin,
        settings: settings.settings, settingsRevision: 1, appliedSettings: nil, desired: .running,
        status: .creating,
        statusReason: "Is being created.", statusSince: Date(), statusJob: nil, activeJob: nil,
        createdAt: Date(), hostName: hostName)
      do {
        let operation = try await jobs.transaction { transaction in
          try await requestKey?.remember(id, transaction.connection)
          try await serverStore.hold(server.id, transaction)
          try await holdFolders(
            instance.settings, insteadOf: nil, on: server.reference, prefix: "settings.", by: actor,
            transaction)
          // Two requests may have been counted as the last one for which there is room.
          try refuseBeyondPlan(
            try await planStore.hold(actor.organisationID, transaction), stage: checked.stage, isNew: true,
            edition: checked.edition)
          try await instanceStore.insert(instance, sealed: sealed, transaction)
          try await reachStore.letReach(instance: id, actor, transaction)
          return try await enqueue(
            CreateInstance(instance: id, portsAskedFor: wish.basePort != nil), on: instance, as: .creating,
            reason: "Is being created.", by: actor, transaction)
        }
        var actor = actor
        actor.grants.instances?.insert(id)
        return CreatedInstance(
          instance: try await self.instance(id.uuidString, by: actor),
          operation: try await self.operation(operation, by: actor),
          adminPassword: adminPassword, notes: checked.notes + placed.warnings + settings.notes + portNotes)
      } catch let error as PostgresError
        where error.isUniqueViolation("instances_port") && wish.basePort == nil
      {
        continue
      } catch let error as PostgresError where error.isUniqueViolation("instances_port") {
        _ = try PortBlock.choose(wish: wish.basePort, taken: [block.base], listening: [], server: server.name)
      } catch let error as PostgresError where error.isUniqueViolation("instances_host_name") {
        // Of another organisation, which had the server to itself once.
        hostName = lettered()
      } catch let error as PostgresError where error.isUniqueViolation("instances_name") {
        // "Not available" says no more: the name may belong to an instance that does not exist for him.
        throw HostingError(
          .conflict, "The name “\(checked.name)” is not available.", suggestion: "Choose another name.",
          fields: [.init("name", "The name “\(checked.name)” is not available.")])
      }
    }
  }

  /// Refuses to start or stop an instance whose creation ended before its database was its own: what is in its volumes may be a
  /// part of one.
  ///
  /// - Throws: `HostingError` with code `conflict`.
  func refuseHalfMade(_ instance: Instance) async throws {
    guard instance.appliedSettings == nil, instance.status == .failed,
      let creation = try await jobs.jobs(
        .init(subject: instance.id, kinds: [CreateInstance.kind]), limit: 1
      ).first,
      // It went on behind the back of a database that was taken back.
      creation.reason?.hasPrefix(RestoredState.opening) != true
    else { return }
    let isMade = try await jobs.steps(of: creation.id).contains {
      $0.name == CreateInstance.databaseIsMade && $0.state == .done
    }
    // What was called off was taken away again.
    guard !isMade || creation.state == .cancelled else { return }
    throw HostingError(
      .conflict, "\(instance.name) was never made as a whole: its creation ended before its database was.",
      suggestion: "Remove it and create it again: odeum instance rm \(instance.name)")
  }

  /// What came of a wish that was granted before; nil where its job is not kept any more.
  private func created(_ id: UUID, by actor: Actor) async throws -> CreatedInstance? {
    let instance = try await instance(id.uuidString, by: actor)
    guard
      let creation = try await jobs.jobs(.init(subject: id, kinds: [CreateInstance.kind]), limit: 1).first
    else { return nil }
    return CreatedInstance(
      instance: instance, operation: try await operation(creation.id, by: actor),
      adminPassword: nil, notes: ["The same request was made before; this is what came of it."])
  }
}

/// Makes an instance: from nothing to an Odoo that answers.
struct CreateInstance: InstanceJob {
  static let kind = "instance.create"
  static let action = AuditAction.createInstance

  let instance: UUID
  /// Whether the ports were asked for; others are exchanged where a foreign program has taken one meanwhile.
  let portsAskedFor: Bool
  var former: FormerState?

  /// The step behind which the instance has its database, whatever becomes of the rest.
  static let databaseIsMade = "Make the database its own"

  static let steps: [Step<Self>] = [
    .step("Check the server", within: .seconds(60)) { work in
      let docker = try await work.runtime.engine.version().version
      try await work.runtime.awaitRoomForMore()
      work.log("\(work.instance.server.name) has Docker \(docker) and room enough.")
    },
    // Early, since an address that is wrong is found out here.
    .step("Fetch custom modules", within: .seconds(3600), undo: { try await $0.removeFolder() }) { work in
      try await work.fetchNewestModules()
    },
    .step(foldersAreThere, within: .seconds(120)) { work in try await work.checkFolders() },
    .step("Fetch the images", within: .seconds(3600)) { work in try await work.fetchImages() },
    .step("Build the image with packages", within: DockerRuntime.buildDeadline) { work in
      try await work.buildPackages()
    },
    .step("Make network and volumes", within: .seconds(60), undo: { try await $0.removeEverything() }) {
      work in
      try await work.makeNetworkAndVolumes()
    },
    .waitingStep(
      "Prepare the database", within: .seconds(3600), undo: { try await $0.discardPreparation() }
    ) { work in try await work.prepareDatabase() },
    .step("Copy the database", within: .seconds(1800)) { work in try await work.copyDatabase() },
    .portStep("Start PostgreSQL", within: .seconds(180)) { work in try await work.startDatabase() },
    .step(databaseIsMade, within: .seconds(180)) { work in try await work.personaliseDatabase() },
    .portStep("Start the mail catcher", within: .seconds(3600)) { work in try await work.startMailCatcher() },
    .portStep("Start Odoo", within: .seconds(180)) { work in try await work.startOdooFirst() },
    .step("Wait until it answers", within: .seconds(600), undo: { try await $0.forgetEffect() }) { work in
      try await work.awaitAnswer()
    },
    .step("Write everything to disk", within: .seconds(600)) { work in try await work.writeDown() },
  ]

  func audited(_ instance: Instance) -> (before: AuditedInstance?, after: AuditedInstance?) {
    (nil, AuditedInstance(instance))
  }

  var statusAfterSuccess: (InstanceStatus, String) { (.running, "Answers.") }
  var statusAfterCancel: (InstanceStatus, String) {
    (
      .failed,
      "Its creation was cancelled; nothing of it is left on the server. Remove it, or create another."
    )
  }
}
