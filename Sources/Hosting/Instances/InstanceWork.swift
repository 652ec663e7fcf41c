import Foundation
import Jobs
import Odoo
import Remote

/// One step's work on one instance: what is to be, the server it is on, and the job on whose behalf it is
/// done.
struct InstanceWork: Sendable {
  /// The instance as it is, but for the settings and circumstances: those that its operation was given.
  let instance: Instance
  let hosting: Hosting
  let run: StepRun
  let runtime: DockerRuntime

  /// The work of `run` on the instance `id`, as it was wanted when the operation began: when Docker of its server first
  /// answered it.
  ///
  /// - Throws: `HostingError` where the instance is gone; `DockerError`, `HostError`, `SSHError` where Docker does not answer
  ///   and nothing has begun.
  init(of id: UUID, _ hosting: Hosting, _ run: StepRun) async throws {
    let store = hosting.instanceStore
    guard var instance = try await store.get(id, atOnce) else {
      throw HostingError.notFound("instance", id.uuidString)
    }
    var runtime = await hosting.fleet.runtime(on: instance.server, epoch: run.epoch)
    runtime.log = { run.log($0) }
    if let given = try await store.given(id, atOnce), given.job == run.jobID {
      instance.settings = given.settings
      instance.circumstances = given.circumstances
    } else {
      try await runtime.engine.ping()
      let given = GivenSettings(instance, to: run.jobID)
      try await run.guarded { try await store.setGiven(id, given, $0) }
    }
    self.instance = instance
    self.hosting = hosting
    self.run = run
    self.runtime = runtime
  }

  /// Writes a line into the job's log.
  func log(_ line: String) {
    run.log(line)
  }

  func plan() async throws -> InstancePlan {
    try await plan(of: instance.settings, under: instance.circumstances)
  }

  /// - Parameter parts: the images and the code; nil for those that are noted.
  func plan(
    of settings: InstanceSettings, under circumstances: Circumstances, from parts: InstanceParts? = nil
  ) async throws -> InstancePlan {
    let parts = if let parts { parts } else { try await notedParts() }
    guard let images = parts.images,
      let sealed = try await hosting.instanceStore.secrets(of: instance.id, atOnce)
    else {
      throw HostingError(
        .invalid, "The images of \(instance.name) are not known: its creation did not come that far.",
        suggestion: "Remove the instance and create it again: odeum instance rm \(instance.name)")
    }
    let server = try await hosting.serverStore.get(instance.server.id, atOnce)
    var instance = instance
    instance.settings = settings
    instance.circumstances = circumstances
    return InstancePlan(
      instance: instance, secrets: try hosting.masterKey.open(sealed, of: instance.id), operation: run.jobID,
      images: images, checkouts: parts.checkouts, cores: server?.facts.cores ?? 1,
      catchesMail: hosting.configuration.catchesMail(on: circumstances.stage),
      offeredFolders: server?.sharedFolders ?? [])
  }

  /// The images and the code that the last steps which fetched them have noted.
  func notedParts() async throws -> InstanceParts {
    InstanceParts(
      images: try await hosting.instanceStore.images(of: instance.id, atOnce),
      checkouts: try await checkouts())
  }

  /// Makes sure that the images are on the server and notes which ones they are. Once noted, they stay the
  /// same: a tag that moved does not change a running instance.
  func fetchImages() async throws {
    let configuration = hosting.configuration
    if configuration.catchesMail(on: instance.stage), let reference = configuration.mailCatcherImage {
      _ = try await runtime.fetchImage(reference) { _, text in run.progress(0, text) }
    }
    let known = try await hosting.instanceStore.images(of: instance.id, atOnce)
    if let known, try await runtime.has(known) {
      log("The images are on \(instance.server.name).")
      return
    }
    let odoo = configuration.odooImage.replacing("{version}", with: instance.version.rawValue)
    let database = configuration.databaseImage.replacing(
      "{major}", with: String(instance.version.defaultPostgres))
    let images = ImageIDs(
      odoo: try await runtime.fetchImage(odoo) { run.progress($0 * 0.8, $1) },
      database: try await runtime.fetchImage(database) { run.progress(0.8 + $0 * 0.2, $1) })
    try await run.guarded { try await hosting.instanceStore.setImages(instance.id, images, $0) }
    log("Images: \(odoo) and \(database).")
  }

  func makeNetworkAndVolumes() async throws {
    let names = instance.parts
    let labels = runtime.labels(instance, operation: run.jobID)
    try await runtime.ensureNetwork(names.network, labels: labels)
    try await runtime.ensureVolume(names.cluster, labels: labels)
    try await runtime.ensureFiles(plan())
  }

  /// Makes the prepared database of this kind unless the server has it. Where another job is at it, this one
  /// steps aside until that one is done.
  func prepareDatabase() async throws -> StepOutcome {
    let prepared = try await prepared()
    let store = hosting.preparedStore
    let server = instance.server.id
    switch try await run.guarded({
      try await store.claim(prepared, on: server, job: run.jobID, $0)
    }) {
    case .others:
      return .snooze(.seconds(1), "Another job is preparing \(prepared.summary).")
    case .ready:
      if try await runtime.has(prepared) {
        log("There is a prepared database: \(prepared.summary).")
        return .done
      }
      log("The prepared database is gone from \(instance.server.name); it is made anew.")
      try await run.guarded { try await store.forget(prepared, on: server, $0) }
      return .snooze(.zero, "The prepared database is made anew.")
    case .mine:
      log("Preparing a database: \(prepared.summary). The next instance of this kind need not wait for this.")
      try await runtime.make(prepared, operation: run.jobID, run: run)
      try await run.guarded { try await store.setReady(prepared, on: server, $0) }
      return .done
    }
  }

  /// Takes a half-made prepared database away, if this job is at it.
  func discardPreparation() async throws {
    guard try await hosting.instanceStore.images(of: instance.id, atOnce) != nil else { return }
    let prepared = try await prepared()
    let store = hosting.preparedStore
    let server = instance.server.id
    guard try await store.isMaking(prepared, on: server, job: run.jobID, atOnce) else { return }
    try await runtime.discard(prepared)
    try await store.forget(prepared, on: server, atOnce)
  }

  func copyDatabase() async throws {
    try await runtime.copy(try await prepared(), into: plan())
  }

  /// Starts the database container, made anew where its settings changed.
  func startDatabase() async throws {
    try await prepareStart(with: instance.settings)
    try await runtime.startDatabase(plan())
  }

  /// The data must be there; the network holds none, so one that was removed is made anew.
  func prepareStart(with settings: InstanceSettings) async throws {
    try await runtime.requireData(of: instance, with: settings)
    try await runtime.ensureNetwork(
      instance.parts.network, labels: runtime.labels(instance, operation: run.jobID))
  }

  func personaliseDatabase() async throws {
    try await runtime.personalise(plan())
  }

  /// Starts the mail catcher, or takes it away from an instance that is in production by now.
  func startMailCatcher() async throws {
    try await runtime.startMailCatcher(plan())
  }

  func stopMailCatcher() async throws {
    try await runtime.stopMailCatcher(instance)
  }

  /// Starts Odoo with the saved settings, in a container made anew where its limits changed.
  func startOdoo() async throws {
    try await runtime.startOdoo(plan())
  }

  /// Starts the containers as they are, with what Odoo alone reads of the saved settings.
  func startSoftly() async throws {
    try await prepareStart(with: instance.settingsOfSoftRestart)
    let plan = try await plan(
      of: instance.settingsOfSoftRestart, under: instance.circumstancesInEffect)
    try await runtime.startDatabase(plan)
    try await runtime.startMailCatcher(plan)
    try await runtime.startOdoo(plan)
  }

  /// Waits for the sign-in page; from then on the settings are in effect.
  func awaitAnswer() async throws {
    try await takeEffect(instance.settings, under: instance.circumstances)
  }

  /// As `awaitAnswer`, after a soft restart.
  func awaitAnswerSoftly() async throws {
    try await takeEffect(instance.settingsOfSoftRestart, under: instance.circumstancesInEffect)
  }

  private func takeEffect(_ settings: InstanceSettings, under circumstances: Circumstances) async throws {
    try await runtime.awaitAnswer(of: instance)
    let checkouts = try await checkouts()
    try await removeModules(but: checkouts)
    var settings = settings
    settings.customModules = checkouts.map(\.source)
    let hadPackages = instance.appliedSettings?.packages.isEmpty == false
    try await run.guarded { [settings] in
      try await hosting.instanceStore.setApplied(instance.id, settings, circumstances, $0)
    }
    // Those of before were kept for going back.
    if hadPackages { try await removeUnneededPackages() }
    log("\(instance.name) answers at \(instance.url).")
  }

  /// What was made of the instance is taken away: it has never lived, and nobody shall look for its data.
  func forgetEffect() async throws {
    try await hosting.instanceStore.forgetApplied(instance.id, atOnce)
  }

  func writeDown() async throws {
    try await runtime.writeDown(instance)
  }

  func stopOdoo() async throws {
    try await runtime.stopOdoo(instance)
  }

  func stopDatabase() async throws {
    try await runtime.stopDatabase(instance)
  }

  func removeContainers() async throws {
    try await runtime.removeContainers(of: instance.id)
  }

  func removeVolumes() async throws {
    try await runtime.removeVolumes(of: instance.id)
  }

  func removeNetworks() async throws {
    try await runtime.removeNetworks(of: instance.id)
  }

  /// Removes the instance's folder on the server, with its custom modules.
  func removeFolder() async throws {
    try await runtime.folder(of: instance.id).remove()
  }

  /// Takes everything of the instance away from its server.
  func removeEverything() async throws {
    try await removeContainers()
    try await removeVolumes()
    try await removeNetworks()
    try await removeFolder()
  }

  /// - Throws: `HostingError` that names what is left.
  func verifyNothingIsLeft() async throws {
    let remains = try await runtime.remains(of: instance.id)
    guard remains.isEmpty else {
      throw HostingError(
        .unavailable, "On \(instance.server.name) there is still: \(remains.joined(separator: ", ")).",
        suggestion: "Look at what holds it (docker inspect), then remove the instance again.")
    }
    log("Nothing of \(instance.name) is left on \(instance.server.name).")
  }

  private func prepared() async throws -> PreparedDatabase {
    try PreparedDatabase(
      version: instance.version, origin: instance.origin, images: try await plan().images,
      installation: hosting.installation)
  }
}
