import Docker
import Foundation
import Jobs
import Odoo
import PostgresTesting
import Remote
import Synchronization
import Testing

@testable import Hosting

/// An instance that runs as far as the database knows, with containers, volumes and network on the real engine. In
/// the place of Odoo and PostgreSQL is a shell, since only what happens to containers matters here.
struct Stand {
  /// Each stands on ports of its own.
  private static let stands = Atomic(0)

  let hosting: Hosting
  let runtime: DockerRuntime
  let watch: ServerWatch
  let person: Actor
  let id: UUID
  let plan: InstancePlan

  var names: PartNames { plan.names }
  var engine: DockerEngine { runtime.engine }

  /// Runs until it is asked to stop.
  static let patient = "trap 'exit 0' TERM INT; while :; do sleep 0.1; done"

  /// Runs `body` with a stand, and takes away everything of it afterwards.
  static func standing(
    socket: String = HostingConfiguration().dockerSocket, timing: WatchTiming = .quick,
    autoRestart: Bool = false,
    _ body: (Stand) async throws -> Void
  ) async throws {
    var configuration = HostingConfiguration()
    configuration.dockerSocket = socket
    configuration.instancesFolder = "/tmp/odeum-instances-\(UUID().uuidString)"
    configuration.stopGrace = .seconds(5)
    try await withHosting(configuration: configuration) { hosting in
      let stand = try await Stand(hosting, timing, autoRestart: autoRestart)
      do {
        try await stand.make()
        try await body(stand)
      } catch {
        try await stand.clear()
        throw error
      }
      try await stand.clear()
    }
  }

  private init(_ hosting: Hosting, _ timing: WatchTiming, autoRestart: Bool) async throws {
    self.hosting = hosting
    person = try await hosting.person(Hosting.firstEmail)
    let server = try await hosting.serverStore.all(atOnce)[0]
    runtime = await hosting.fleet.looking(at: server.reference)
    watch = ServerWatch(of: server, under: 1, hosting, timing)
    // For its facts.
    try await watch.look()
    let image = try await Busybox.image(runtime.engine)
    id = UUID()
    var settings = InstanceSettings(defaultsOf: .dev)
    settings.autoRestart = autoRestart
    let instance = Instance(
      id: id, organisationID: person.organisationID, server: server.reference,
      name: try Slug("w" + id.uuidString.prefix(8).lowercased()), version: .v19, edition: .community,
      stage: .dev,
      basePort: 17_000 + 10 * Self.stands.wrappingAdd(1, ordering: .relaxed).oldValue,
      origin: DatabaseOrigin(
        language: "en_US", country: nil, demo: false, modules: [],
        adminPassword: PasslibHash(rounds: 1, salt: [], key: [])),
      settings: settings, settingsRevision: 1, appliedSettings: nil, desired: .running, status: .running,
      statusReason: "Answers.", statusSince: Date(), statusJob: nil, activeJob: nil, createdAt: Date())
    let secrets = InstanceSecrets(databasePassword: Secret("secret"), masterPassword: Secret("secret"))
    let cores = try await hosting.serverStore.get(server.id, atOnce)?.facts.cores
    plan = InstancePlan(
      instance: instance, secrets: secrets, operation: UUID(), images: ImageIDs(odoo: image, database: image),
      checkouts: [], cores: cores ?? 0)
    let store = hosting.instanceStore
    try await store.insert(instance, sealed: hosting.masterKey.seal(secrets, of: id), atOnce)
    try await store.setImages(id, plan.images, atOnce)
    try await store.setApplied(id, settings, instance.circumstances, atOnce)
  }

  /// Makes everything of the instance that is not there.
  func make(odoo script: String = patient) async throws {
    let labels = runtime.labels(plan.instance, operation: plan.operation)
    try await runtime.ensureNetwork(names.network, labels: labels)
    try await runtime.ensureVolume(names.cluster, labels: labels)
    try await runtime.ensureVolume(names.files, labels: labels)
    for (role, spec, marks, script) in [
      (ContainerRole.database, runtime.databaseSpec(plan), plan.databaseMarks, Self.patient),
      (.odoo, runtime.odooSpec(plan), plan.odooMarks, script),
    ] {
      var spec = spec
      spec.entrypoint = ["sh", "-c", Word(script)]
      spec.command = []
      let container = try await runtime.ensure(
        names.container(role), of: plan.instance, role: role.rawValue, operation: plan.operation, spec: spec,
        marks: marks)
      try await engine.start(container)
    }
  }

  /// A container with these labels that runs, with a volume of the same name and labels.
  func put(_ name: String, _ labels: [String: String]) async throws {
    var spec = ContainerSpec(
      image: plan.images.odoo, command: ["sh", "-c", Word(Self.patient)])
    spec.labels = labels.merging(["odeum.test": id.uuidString]) { $1 }
    spec.mounts = [Mount(.volume(name), at: "/data")]
    _ = try await engine.createVolume(name, labels: spec.labels)
    try await engine.start(try await engine.createContainer(name, spec))
  }

  func isRunning(_ name: String) async throws -> Bool {
    try await engine.container(name)?.state.isRunning ?? false
  }

  /// The instance as the database has it now.
  func instance() async throws -> Instance {
    try await hosting.instance(id.uuidString, by: person)
  }

  /// Returns when the instance has that status.
  func awaits(_ status: InstanceStatus) async throws {
    try await eventually("it is \(status.rawValue)") { try await instance().status == status }
  }

  /// Runs the watch beside `body`.
  func watching(_ body: () async throws -> Void) async throws {
    let watching = Task { try await watch.run() }
    do {
      try await body()
    } catch {
      watching.cancel()
      throw error
    }
    watching.cancel()
    _ = await watching.result
  }

  /// Returns when the watch hears what happens to a container.
  func hears(_ role: ContainerRole) async throws {
    try await eventually("Docker's events come") {
      // Which changes nothing.
      try await engine.kill(names.container(role), signal: "SIGCONT")
      return await watch.orders != Orders()
    }
  }

  private func clear() async throws {
    let engine = DockerEngine()
    for labels in [[Label.installation: hosting.installation.uuidString], ["odeum.test": id.uuidString]] {
      for container in try await engine.containers(labels: labels) {
        try await engine.remove(container.id, force: true)
      }
      for volume in try await engine.volumes(labels: labels) { try await engine.removeVolume(volume.name) }
      for network in try await engine.networks(labels: labels) { try await engine.removeNetwork(network.id) }
    }
    let folder = hosting.configuration.instancesFolder
    try await LocalHost().output(of: Command("rm", "-rf").operands(Word(folder)), deadline: .seconds(30))
  }
}

extension WatchTiming {
  /// Short times, so that tests do not wait.
  static var quick: WatchTiming {
    var timing = WatchTiming()
    timing.rhythm = .seconds(2)
    timing.quiet = .milliseconds(20)
    timing.confirmation = .milliseconds(20)
    timing.folders = .zero
    timing.reconnect = .milliseconds(50)
    return timing
  }

  /// As those, where what is looked at again later is never told.
  static var patient: WatchTiming {
    var timing = quick
    timing.confirmation = .seconds(86_400)
    return timing
  }
}

/// An image of busybox and nothing else. It stays, so that later runs find it.
enum Busybox {
  private static let name = "odeum.test/shell:1"

  static func image(_ engine: DockerEngine) async throws -> String {
    if let there = try await engine.image(name) { return there.id }
    guard let busybox = FileManager.default.contents(atPath: "/bin/busybox") else { throw Missing() }
    let programs = ["echo", "false", "sh", "sleep", "true"]
    let archive = TarArchive(
      [.folder("bin"), .folder("tmp", mode: 0o1777), ArchiveFile("bin/busybox", Array(busybox), mode: 0o755)]
        + programs.map { .link("bin/\($0)", to: "busybox") })
    try await engine.importImage(archive, as: name, changes: ["ENV PATH=/bin"])
    guard let made = try await engine.image(name) else { throw Missing() }
    return made.id
  }

  struct Missing: Error, CustomStringConvertible {
    let description =
      "/bin/busybox is missing, of which the test image is made: apt-get install busybox-static"
  }
}
