import Docker
import Foundation
import Odoo
import Remote

/// The database container of an instance.
extension DockerRuntime {
  /// Where PostgreSQL keeps a cluster in its container. Set on purpose: from PostgreSQL 18 on the official
  /// image has another default.
  static let clusterFolder = "/var/lib/postgresql/data"

  /// Starts the database container, made anew where its settings changed, and returns when it takes
  /// connections.
  func startDatabase(_ plan: InstancePlan) async throws {
    let id = try await start(plan.names.database) {
      try await ensure(
        plan.names.database, of: plan.instance, role: "database", operation: plan.operation,
        spec: databaseSpec(plan), marks: plan.databaseMarks)
    }
    try await awaitDatabase(id, name: plan.names.database)
  }

  /// Whether the database container is the one that `plan` asks for.
  func databaseStands(as plan: InstancePlan) async throws -> Bool {
    try await stands(plan.names.database, of: plan.instance, marks: plan.databaseMarks)
  }

  /// Returns when the database in the container `id` takes connections.
  ///
  /// - Throws: `HostingError` where the container ends or the wait takes longer than a minute.
  func awaitDatabase(_ id: String, name: String) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    // Over TCP: while the image makes a cluster it runs a server of its own on the Unix socket only.
    let question = ExecSpec(["pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"])
    while try await engine.exec(id, question).exitCode != 0 {
      let state = try await engine.container(id)?.state
      guard let state, state.isRunning else {
        throw HostingError(
          .unavailable,
          "PostgreSQL in \(name) on \(server.name) ended at once: \(try await lastWords(of: id))",
          suggestion: "Read its log on the server: docker logs \(name)")
      }
      guard ContinuousClock.now < deadline else {
        throw HostingError(
          .unavailable, "PostgreSQL in \(name) on \(server.name) takes no connections after 60 s.",
          suggestion: "Read its log on the server: docker logs \(name)")
      }
      try await Task.sleep(for: .milliseconds(30))
    }
  }

  /// Forces what was copied onto the disk: PostgreSQL does that only for what it writes itself.
  func writeDown(_ instance: Instance) async throws {
    let name = instance.parts.database
    let result = try await engine.exec(
      name, ExecSpec(["sync", "--file-system", Word(Self.clusterFolder)]), timeout: .seconds(300))
    guard result.isSuccess else {
      throw HostingError(
        .unavailable, "The disk of \(server.name) did not take the database: \(result.lastWords)",
        suggestion: "Look at the disk of \(server.name), then try again.")
    }
  }

  /// Stops the database container: SIGINT, which ends connections and writes everything down.
  func stopDatabase(_ instance: Instance) async throws {
    try await stop("database", of: instance, grace: .seconds(60), signal: "SIGINT")
  }

  /// Runs a script in the container `id` as the superuser. Script and values travel in the environment of
  /// `psql`, where no other user of the server can read them.
  func runSQL(_ script: SQLScript, in id: String) async throws {
    let psql = "printf %s \"$ODEUM_SQL\" | psql --username=postgres \"$@\""
    let spec = ExecSpec(
      ["sh", "-c", Word(psql), "psql"] + script.arguments.map { Word($0) },
      environment: ["ODEUM_SQL": Word(Secret(script.standardInput))])
    let result = try await engine.exec(id, spec)
    guard result.isSuccess else {
      throw HostingError(
        .internal,
        "PostgreSQL refused a statement in the database \(script.target.name): \(result.lastWords)",
        suggestion: "Try again; if it happens again, report it with this text.")
    }
  }

  /// The end of what a container wrote.
  func lastWords(of id: String, lines: Int = 20, since: Date? = nil) async throws -> String {
    var words: [String] = []
    for try await line in engine.logs(id, follow: false, tail: lines, since: since) {
      words.append(line.text)
    }
    return words.suffix(lines).joined(separator: "\n")
  }

  func databaseSpec(_ plan: InstancePlan) -> ContainerSpec {
    var spec = ContainerSpec(image: plan.images.ofDatabase, command: ["postgres"])
    for parameter in plan.databaseParameters { spec.command?.append(contentsOf: ["-c", Word(parameter)]) }
    spec.environment = ["PGDATA": Word(Self.clusterFolder)]
    spec.networks = [NetworkAttachment(plan.names.network, aliases: ["db"])]
    spec.mounts = [Mount(.volume(plan.names.cluster), at: Self.clusterFolder)]
    spec.portBindings = [PortBinding(5432, hostPort: plan.ports.database)]
    spec.apply(plan.instance.settings.database)
    spec.restartPolicy = .unlessStopped
    spec.stopSignal = "SIGINT"
    spec.stopTimeout = .seconds(60)
    return spec
  }
}
