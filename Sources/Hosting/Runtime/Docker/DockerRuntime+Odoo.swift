import Docker
import Foundation
import Odoo
import Remote

/// The Odoo container of an instance.
extension DockerRuntime {
  private static let confFolder = "/etc/odoo"

  /// Starts Odoo with the configuration of `plan`, in a container made anew where its limits changed.
  ///
  /// - Throws: also as `sharedAddons`, before anything is done.
  func startOdoo(_ plan: InstancePlan) async throws {
    var plan = plan
    if let path = plan.instance.settings.sharedAddons {
      plan.sharedAddons = try await sharedAddons(at: path, offered: plan.offeredFolders, of: plan.instance)
        .path
    }
    try await ensureExtensions(plan)
    _ = try await start(plan.names.odoo) {
      let id = try await ensure(
        plan.names.odoo, of: plan.instance, role: "odoo", operation: plan.operation, spec: odooSpec(plan),
        marks: plan.odooMarks)
      try await putConf(plan, in: id)
      return id
    }
  }

  /// Stops Odoo: SIGTERM, then SIGKILL after the grace time.
  func stopOdoo(_ instance: Instance) async throws {
    try await stop("odoo", of: instance, grace: configuration.stopGrace, signal: "SIGTERM")
  }

  /// Returns when Odoo serves its sign-in page, which loads the registry and so proves that code and database
  /// fit.
  ///
  /// - Throws: `HostingError` with the reason where Odoo ends instead or does not answer in time.
  func awaitAnswer(of instance: Instance) async throws {
    let name = instance.parts.odoo
    let deadline = ContinuousClock.now + configuration.answerDeadline
    var last = "000"
    var startsLeft = 2
    while ContinuousClock.now < deadline {
      let code = try await httpStatus(of: instance)
      if code == "200" { return try await refuseHalfLoaded(instance) }
      if code != "000", code != last { log("Odoo answers with HTTP \(code) so far.") }
      last = code
      if code.hasPrefix("5") {
        // It serves, and fails: each further question writes a traceback into its log.
        try await refuseHalfLoaded(instance)
        try await Task.sleep(for: .seconds(1))
      }
      let container = try await engine.container(name)
      guard let container, container.state.isRunning, container.restartCount < 3 else {
        guard let container, startsLeft > 0, try await endedOverSurroundings(container, instance) else {
          throw await failure(of: instance, container: container)
        }
        startsLeft -= 1
        log("Odoo ended because of what is around it, not by itself, and is started again.")
        try await engine.start(container.id)
        continue
      }
      try await Task.sleep(for: .milliseconds(60))
    }
    throw HostingError(
      .unavailable,
      "Odoo in \(name) on \(server.name) does not answer after \(configuration.answerDeadline.components.seconds) s "
        + (last == "000" ? "(no connection)." : "(HTTP \(last))."),
      suggestion: "Read its log: odeum instance logs \(instance.name)")
  }

  /// A server-wide module that cannot be loaded stops neither 14.0 nor 19.0: they log it and serve without.
  /// That is no instance that anybody asked for, so it is stopped and told.
  private func refuseHalfLoaded(_ instance: Instance) async throws {
    let name = instance.parts.odoo
    // Since this start: the log of the container keeps what earlier ones said.
    let started = try await engine.container(name)?.state.startedAt
    let log = LogVerdict(log: try await lastWords(of: name, lines: 500, since: started))
    guard let error = log.errors.last(where: { $0.message.contains("Failed to load server-wide module") })
    else {
      return
    }
    try await stopOdoo(instance)
    let reason = FailureReason.from([error], exitCode: nil)
    throw HostingError(.invalid, reason.message, suggestion: reason.suggestion)
  }

  /// Whether Odoo serves its sign-in page now.
  func answers(_ instance: Instance) async throws -> Bool {
    try await httpStatus(of: instance) == "200"
  }

  /// The HTTP status of the sign-in page, asked on the server itself; `000` where there is no connection.
  private func httpStatus(of instance: Instance) async throws -> String {
    let page = "\(PortBlock(base: instance.basePort).web)\(instance.version.registryProbePath)"
    return try await host.run(Self.asking("http://127.0.0.1:\(page)"), deadline: .seconds(15)).repairedText
  }

  /// Prints the HTTP status of a page.
  static func asking(_ page: String) -> Command {
    Command(
      "curl", "--silent", "--output", "/dev/null", "--max-time", "10", "--write-out", "%{http_code}",
      Word(page))
  }

  /// Why Odoo ended, as its log and its exit status tell.
  func failure(of instance: Instance, container: Container?) async -> HostingError {
    guard let container else {
      return HostingError(
        .conflict, "Its container was removed from \(server.name) behind Odeum's back.",
        suggestion: "Make it anew: odeum instance restart --hard \(instance.name)")
    }
    let reason = await reason(ofEnd: container)
    return HostingError(.invalid, reason.message, suggestion: reason.suggestion)
  }

  private func reason(ofEnd container: Container) async -> FailureReason {
    let tail = (try? await lastWords(of: container.id, lines: 200)) ?? ""
    let reason = FailureReason.from(
      logTail: tail, exitCode: Int32(container.state.exitCode), outOfMemory: container.state.oomKilled)
    guard [.silent, .unknown].contains(reason.cause), let folder = await fullFolder() else { return reason }
    // Docker could not write its last words down.
    return FailureReason(
      cause: .disk, message: "\(reason.message) The disk of \(server.name) is full.",
      suggestion: "Free some space in \(folder) there, then start it again.", evidence: reason.evidence)
  }

  /// Whether Odoo ended since it did not reach its database, which runs, or was killed: so it is where Docker, whose
  /// name service containers use, was ended in the middle of a start. Where Docker was away at the end, Odoo's last words
  /// are lost. Or since the disk was full, where there is room again.
  private func endedOverSurroundings(_ container: Container, _ instance: Instance) async throws -> Bool {
    guard [.database, .killed, .silent, .disk].contains(await reason(ofEnd: container).cause),
      await fullFolder() == nil
    else { return false }
    let database = instance.parts.database
    return try await engine.container(database)?.state.isRunning ?? false
  }

  /// Odoo reads the file as its own user; the image's entrypoint is passed by, since it would put the
  /// database's password on the command line, where every user of the server can read it.
  private func putConf(_ plan: InstancePlan, in id: String) async throws {
    let conf = ArchiveFile("odoo.conf", text: try plan.odooConf(), mode: 0o644)
    try await engine.putFiles(id, at: Self.confFolder, [conf])
  }

  func odooSpec(_ plan: InstancePlan) -> ContainerSpec {
    var spec = ContainerSpec(image: plan.images.ofOdoo, command: [])
    // After a reboot the database may come up later than Odoo.
    spec.entrypoint = [
      "/bin/sh", "-c",
      "until pg_isready --quiet --host=db; do sleep 0.2; done; exec odoo --config=/etc/odoo/odoo.conf",
    ]
    spec.environment = [
      "ODOO_STAGE": Word(plan.instance.stage.rawValue), "ODOO_VERSION": Word(plan.instance.version.rawValue),
      "PGDATABASE": Word(plan.instance.database.text), "ODOO_RC": "/etc/odoo/odoo.conf",
    ]
    spec.networks = [NetworkAttachment(plan.names.network, aliases: ["odoo"])]
    spec.mounts = [Mount(.volume(plan.filesVolume), at: "/var/lib/odoo"), Self.noExtraAddons]
    if !plan.checkouts.isEmpty {
      spec.mounts.append(
        Mount(.bind(folder(of: plan.instance.id).modules), at: InstancePlan.modulesFolder, readOnly: true))
    }
    if let folder = plan.sharedFolder {
      spec.mounts.append(Mount(.bind(folder.text), at: InstancePlan.place(of: folder), readOnly: true))
    }
    let address = plan.instance.server.exposed ? "0.0.0.0" : "127.0.0.1"
    spec.portBindings = [
      PortBinding(8069, hostPort: plan.ports.web, hostAddress: address),
      PortBinding(8072, hostPort: plan.ports.longpolling, hostAddress: address),
    ]
    spec.apply(plan.instance.settings.odoo)
    // Without a maximum, since Docker counts the starts of a whole life: a crash loop is ended by the watcher.
    spec.restartPolicy = plan.instance.settings.autoRestart ? .onFailure(maximum: 0) : .no
    spec.stopTimeout = configuration.stopGrace
    return spec
  }
}

extension DockerRuntime {
  /// The folder that Odoo's image declares as a volume beside that of the files; modules come from elsewhere.
  static let noExtraAddons = Mount.inPlace(ofVolumeAt: "/mnt/extra-addons")
}

extension Mount {
  /// A little memory at a folder that an image declares as a volume and that nothing uses. Docker would make a volume
  /// without a label there, of which nobody can tell whose it is, and an engine that is stopped in the middle of making a
  /// container forgets that it has to go with it (seen in 20.10).
  static func inPlace(ofVolumeAt folder: String) -> Mount {
    Mount(.tmpfs(size: 1 << 20), at: folder, readOnly: true)
  }
}

extension ContainerSpec {
  /// Takes the limits as users save them, in MB of 2^20 bytes as Docker's own `m` is.
  mutating func apply(_ wanted: ContainerLimits) {
    limits.cpuShares = wanted.cpuShares
    limits.memory = wanted.memoryMB == 0 ? nil : wanted.memoryMB << 20
    limits.memoryReservation = wanted.memoryReservationMB == 0 ? nil : wanted.memoryReservationMB << 20
    shmSize = wanted.shmMB << 20
  }
}
