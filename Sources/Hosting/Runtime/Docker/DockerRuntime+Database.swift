import Docker
import Foundation
import Odoo
import Remote

/// The database container of an instance.
extension DockerRuntime {
  /// Where PostgreSQL keeps a cluster in its container. Set on purpose: from PostgreSQL 18 on the official image has
  /// another default.
  static let clusterFolder = "/var/lib/postgresql/data"

  /// Starts the database container, made anew where its settings changed, and returns when it takes connections.
  func startDatabase(_ plan: InstancePlan) async throws {
    let (id, _) = try await ensure(
      plan.names.database, of: plan.instance, role: "database", operation: plan.operation, spec: databaseSpec(plan))
    try await engine.start(id)
    try await awaitDatabase(id, name: plan.names.database)
  }

  /// Returns when the database in the container `id` takes connections.
  ///
  /// - Throws: `HostingError` where the container ends or the wait takes longer than a minute.
  func awaitDatabase(_ id: String, name: String) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    // Over TCP: while the image makes a cluster it runs a server of its own on the Unix socket only.
    let question = ExecSpec(["pg_isready", "--quiet", "--host=127.0.0.1"])
    while try await engine.exec(id, question).exitCode != 0 {
      let state = try await engine.container(id)?.state
      guard let state, state.isRunning else {
        throw HostingError(
          .unavailable, "PostgreSQL in \(name) on \(server.name) ended at once: \(try await lastWords(of: id))",
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

  /// Stops the database container: SIGINT, which ends connections and writes everything down.
  func stopDatabase(_ plan: InstancePlan) async throws {
    guard let container = try await own(plan.names.database, of: plan.instance) else { return }
    try await engine.stop(container.id, timeout: .seconds(60), signal: "SIGINT")
  }

  /// Runs SQL in the container `id` as the superuser, values apart from the text. Everything travels in the
  /// environment of `psql`, where no other user of the server can read it.
  func runSQL(_ script: SQLScript, database: String, in id: String) async throws {
    var environment: [String: EnvironmentValue] = ["ODEUM_SQL": .plain(script.textWithVariables)]
    for (name, value) in script.variables { environment[name.environmentName] = .secret(value) }
    let spec = ExecSpec(
      [
        "sh", "-c",
        "printf %s \"$ODEUM_SQL\" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=\"$0\"",
        database,
      ], environment: environment)
    let result = try await engine.exec(id, spec)
    guard result.exitCode == 0 else {
      throw HostingError(
        .internal, "PostgreSQL refused a statement in the database \(database): \(result.repairedErrorText.prefix(500))",
        suggestion: "Try again; if it happens again, report it with this text.")
    }
  }

  /// The end of what a container wrote.
  func lastWords(of id: String, lines: Int = 20) async throws -> String {
    var words: [String] = []
    for try await line in engine.logs(id, follow: false, tail: lines, since: nil, timestamps: false) {
      words.append(line.text)
    }
    return words.suffix(lines).joined(separator: "\n")
  }

  private func databaseSpec(_ plan: InstancePlan) -> ContainerSpec {
    var spec = ContainerSpec(image: plan.databaseImage)
    spec.command = ["postgres"] + plan.databaseParameters.flatMap { ["-c", $0] }
    spec.environment = ["PGDATA": .plain(Self.clusterFolder)]
    spec.networks = [.init(plan.names.network, aliases: ["db"])]
    spec.mounts = [.volume(plan.names.cluster, at: Self.clusterFolder)]
    spec.ports = [.init(container: 5432, hostAddress: "127.0.0.1", hostPort: plan.ports.database)]
    spec.apply(plan.instance.settings.database)
    spec.restartPolicy = .unlessStopped
    spec.stopSignal = "SIGINT"
    spec.stopTimeout = .seconds(60)
    return spec
  }
}
