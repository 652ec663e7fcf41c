import Docker
import Foundation
import Jobs
import Odoo
import Remote

/// Making prepared databases, and copying them.
extension DockerRuntime {
  /// Whether the server has these images.
  func has(_ images: ImageIDs) async throws -> Bool {
    async let odoo = engine.image(images.odoo)
    async let database = engine.image(images.database)
    let found = try await (odoo, database)
    return found.0 != nil && found.1 != nil
  }

  /// Whether the server has the volumes of `prepared`.
  func has(_ prepared: PreparedDatabase) async throws -> Bool {
    for name in [prepared.cluster, prepared.files] {
      guard try await engine.volume(name)?.labels[Label.installation] == installation.uuidString else {
        return false
      }
    }
    return true
  }

  /// Makes `prepared`: a cluster, a database in it, Odoo's modules in that, and a clean end. Half-made
  /// remains of an earlier try are thrown away first; runs of Odoo that were done or are under way there
  /// count.
  func make(_ prepared: PreparedDatabase, operation: UUID, run: StepRun) async throws {
    let runs = prepared.initialisation.runs
    if try await !wasStarted(prepared.odooContainer(0), of: prepared) {
      try await discard(prepared)
      try await startScratchDatabase(prepared, operation: operation)
    }
    for (number, odoo) in runs.enumerated() {
      run.log("\(odoo.title): odoo \(odoo.arguments.joined(separator: " "))")
      if try await !wasStarted(prepared.odooContainer(number), of: prepared) {
        try await start(odoo, number: number, of: prepared, operation: operation)
      }
      try await awaitEnd(of: odoo, number: number, of: prepared, run: run)
    }
    try await stopScratchDatabase(prepared)
    try await removeScratch(prepared)
  }

  /// Whether the container `name` was started. One that was only made is taken away: nobody else would start it.
  private func wasStarted(_ name: String, of prepared: PreparedDatabase) async throws -> Bool {
    guard let there = try await engine.container(name) else { return false }
    guard there.state.status == .created else { return true }
    try refuseForeign("container", name, there.labels, ours: scratch(prepared))
    try await engine.remove(there.id, force: true)
    return false
  }

  /// - Throws: `HostingError` where the cluster did not end whole: nothing may be copied from it then.
  private func stopScratchDatabase(_ prepared: PreparedDatabase) async throws {
    let name = prepared.databaseContainer
    try await engine.stop(name, timeout: .seconds(300), signal: "SIGINT")
    guard try await engine.container(name)?.state.exitCode != 0 else { return }
    let words = try await lastWords(of: name)
    try await discard(prepared)
    throw HostingError(
      .unavailable,
      "The prepared database was not written to the disk of \(server.name) as a whole: \(words)",
      suggestion: "Look at the disk of \(server.name), then try again.")
  }

  /// Fills the volumes of `plan` from `prepared`, whatever an interrupted copy left in them.
  func copy(_ prepared: PreparedDatabase, into plan: InstancePlan) async throws {
    try await help(
      """
      find /to/cluster /to/files -mindepth 1 -delete
      cp -a --reflink=auto /from/cluster/. /to/cluster/
      cp -a --reflink=auto /from/files/. /to/files/
      rm -rf /to/files/sessions
      if [ "$0" != "$1" ] && [ -d "/to/files/filestore/$0" ]; then
        mv "/to/files/filestore/$0" "/to/files/filestore/$1"
      fi
      """, [Word(PreparedDatabase.database.text), Word(plan.instance.database.text)],
      Helper(
        name: plan.names.copier, image: plan.images.database,
        labels: labels(plan.instance, operation: plan.operation),
        mounts: [
          Mount(.volume(prepared.cluster), at: "/from/cluster", readOnly: true),
          Mount(.volume(prepared.files), at: "/from/files", readOnly: true),
          Mount(.volume(plan.names.cluster), at: "/to/cluster"),
          Mount(.volume(plan.filesVolume), at: "/to/files"),
        ]),
      saying: "The prepared database could not be copied on \(server.name)")
  }

  /// Gives the copied database a name, a role, a password and secrets of its own.
  func personalise(_ plan: InstancePlan) async throws {
    let database = NewDatabase(
      name: plan.instance.database, owner: plan.instance.databaseRole,
      password: ConfSecret(plan.secrets.databasePassword.reveal()))
    let identity = DatabaseIdentity(
      baseURL: plan.instance.url, adminPassword: plan.instance.origin.adminPassword)
    try await runSQL(
      database.adoptScript(from: PreparedDatabase.database, owner: PreparedDatabase.role),
      in: plan.names.database)
    try await runSQL(identity.script(for: plan.instance.database), in: plan.names.database)
  }

  private func scratchLabels(_ prepared: PreparedDatabase, _ operation: UUID) -> [String: String] {
    [
      Label.installation: installation.uuidString, Label.prepared: prepared.key,
      Label.operation: operation.uuidString,
    ]
  }

  /// A cluster of its own for the preparation. What a crash leaves of it is thrown away, so that nothing
  /// needs to reach the disk before the clean end, and then everything at once.
  private func startScratchDatabase(_ prepared: PreparedDatabase, operation: UUID) async throws {
    let labels = scratchLabels(prepared, operation)
    try await ensureNetwork(prepared.network, labels: labels)
    try await ensureVolume(prepared.cluster, labels: labels)
    try await ensureVolume(prepared.files, labels: labels)
    var spec = ContainerSpec(
      image: prepared.images.database,
      command: [
        "postgres", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal",
        "-c",
        "max_wal_senders=0", "-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=1h", "-c", "autovacuum=off",
        "-c", "fsync=off",
      ])
    let script: Word = """
      docker-entrypoint.sh "$@" & server=$!
      trap 'kill -INT "$server"' INT TERM
      wait "$server" || true
      trap - INT TERM
      wait "$server"
      exec sync --file-system "$PGDATA"
      """
    spec.entrypoint = ["/bin/sh", "-euc", script, "sh"]
    spec.environment = [
      "PGDATA": Word(Self.clusterFolder), "POSTGRES_PASSWORD": Word(randomPassword()),
      "POSTGRES_INITDB_ARGS": "--locale=C --encoding=UTF8 --no-sync",
    ]
    spec.labels = labels
    spec.networks = [NetworkAttachment(prepared.network, aliases: ["db"])]
    spec.mounts = [Mount(.volume(prepared.cluster), at: Self.clusterFolder)]
    spec.shmSize = 256 << 20
    spec.stopSignal = "SIGINT"
    let id = try await engine.createContainer(prepared.databaseContainer, spec)
    try await engine.start(id)
    try await awaitDatabase(id, name: prepared.databaseContainer)
    let database = prepared.newDatabase(password: randomPassword())
    for script in [database.roleScript, database.createScript, database.extensionScript()] {
      try await runSQL(script, in: id)
    }
  }

  /// Starts one run of Odoo, detached: the container goes on whatever becomes of the control plane.
  private func start(_ odoo: OdooRun, number: Int, of prepared: PreparedDatabase, operation: UUID)
    async throws
  {
    let password = randomPassword()
    try await runSQL(prepared.newDatabase(password: password).roleScript, in: prepared.databaseContainer)
    var spec = ContainerSpec(image: prepared.images.odoo, command: odoo.arguments.map { Word($0) })
    spec.entrypoint = [
      "/bin/sh", "-c", "printf %s \"$ODEUM_INPUT\" | odoo \"$@\" --config=/etc/odoo/odoo.conf", "odoo",
    ]
    spec.environment = ["ODEUM_INPUT": Word(odoo.standardInput ?? "")]
    spec.labels = scratchLabels(prepared, operation)
    spec.networks = [NetworkAttachment(prepared.network)]
    spec.mounts = [Mount(.volume(prepared.files), at: "/var/lib/odoo"), Self.noExtraAddons]
    let id = try await engine.createContainer(prepared.odooContainer(number), spec)
    let conf = OdooConf(
      version: prepared.version,
      database: .init(
        host: "db", port: 5432, user: PreparedDatabase.role, password: ConfSecret(password.reveal()),
        name: PreparedDatabase.database),
      masterPassword: ConfSecret(randomPassword().reveal()))
    try await engine.putFiles(id, at: "/etc/odoo", [ArchiveFile("odoo.conf", text: try conf.render())])
    try await engine.start(id)
  }

  /// Waits for the end of one run, says how far it is, and reads its log: a status of 0 is not enough.
  ///
  /// - Throws: `HostingError` with the reason that the log gives.
  private func awaitEnd(of odoo: OdooRun, number: Int, of prepared: PreparedDatabase, run: StepRun)
    async throws
  {
    let name = prepared.odooContainer(number)
    var output: [String] = []
    for try await line in engine.logs(name, follow: true) {
      output.append(line.text)
      if let (module, fraction) = OdooRun.progress(in: line.text) {
        run.progress(fraction, "\(odoo.title): module \(module)")
      }
    }
    let status = try await engine.wait(name)
    let outOfMemory = try await engine.container(name)?.state.oomKilled ?? false
    switch odoo.outcome(
      output: output.joined(separator: "\n"), exitCode: Int32(status), outOfMemory: outOfMemory)
    {
    case .success: return
    case .warnings(let count): run.log("\(odoo.title) ended with \(count) warnings.")
    case .failure(let reason):
      for line in output.suffix(40) { run.log(line) }
      try await removeScratch(prepared)
      throw HostingError(.invalid, "\(odoo.title) failed: \(reason.message)", suggestion: reason.suggestion)
    }
  }

  /// Takes everything of `prepared` away.
  func discard(_ prepared: PreparedDatabase) async throws {
    try await removeScratch(prepared)
    try await endingLatecomers(scratch(prepared)) { try await removeVolumes(of: prepared) }
  }

  private func removeVolumes(of prepared: PreparedDatabase) async throws {
    for name in [prepared.cluster, prepared.files] {
      guard let volume = try await engine.volume(name) else { continue }
      guard volume.labels[Label.installation] == installation.uuidString else {
        throw HostingError(
          .conflict, "On \(server.name) there is a volume “\(name)” that belongs to another installation.",
          suggestion: "Remove it if nobody needs it: docker volume rm \(name)")
      }
      try await engine.removeVolume(name)
    }
  }

  private func removeScratch(_ prepared: PreparedDatabase) async throws {
    try await removeContainers(labels: scratch(prepared))
    for network in try await engine.networks(labels: scratch(prepared)) {
      try await engine.removeNetwork(network.id)
    }
  }

  /// What everything has that belongs to the making of `prepared`.
  private func scratch(_ prepared: PreparedDatabase) -> [String: String] {
    [Label.installation: installation.uuidString, Label.prepared: prepared.key]
  }
}
