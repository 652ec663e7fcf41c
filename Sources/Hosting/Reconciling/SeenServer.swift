import Docker
import Foundation
import Remote

/// What one look at a server has shown of this installation: everything that carries its label.
struct SeenServer: Sendable {
  /// Containers, running or not.
  var containers: [SeenContainer] = []
  /// The mark of Docker's answer that told of them.
  var listMark: ListMark?
  /// Volumes.
  var volumes: [SeenThing] = []
  /// Networks.
  var networks: [SeenThing] = []
  /// Folders of instances; nil where this look did not ask for them.
  var folders: [SeenThing]?
  /// How often Docker started a container anew within the last minutes, for those that it did.
  var restarts: [String: Int] = [:]

  /// Everything that was seen.
  var things: [SeenThing] { containers.map(\.thing) + volumes + networks + (folders ?? []) }

  /// The container of `instance` that has `role`.
  func container(of instance: UUID, _ role: ContainerRole) -> SeenContainer? {
    container(of: instance, as: role.rawValue)
  }

  /// The mail catcher of `instance`.
  func mailCatcher(of instance: UUID) -> SeenContainer? {
    container(of: instance, as: DockerRuntime.mailRole)
  }

  /// One that Docker is removing is gone: nothing else becomes of it.
  private func container(of instance: UUID, as role: String) -> SeenContainer? {
    // By their places, so that none of the many others is copied.
    let place = containers.indices.first {
      containers[$0].thing.instance == instance && containers[$0].thing.labels[Label.role] == role
        && containers[$0].status != .removing
    }
    return place.map { containers[$0] }
  }
}

/// The two containers that every instance has.
enum ContainerRole: String, Sendable, CaseIterable, Codable {
  case odoo
  case database

  /// The program in it.
  var title: String { self == .odoo ? "Odoo" : "PostgreSQL" }
  /// What people call the container.
  var container: String { self == .odoo ? "Odoo container" : "database container" }
}

/// Something on a host that carries the label of an installation.
struct SeenThing: Sendable, Hashable {
  /// Kinds of things.
  enum Kind: String, Sendable, CaseIterable {
    case container, volume, network, folder
  }

  var kind: Kind
  /// By what it is addressed: a container's or network's id, a volume's name, a folder's path.
  var id: String
  var name: String
  var labels: [String: String] { didSet { instance = Self.instance(in: labels) } }
  /// The instance that it is labelled with. It is read once, since every instance is compared with all things.
  private(set) var instance: UUID?

  init(kind: Kind, id: String, name: String, labels: [String: String]) {
    self.kind = kind
    self.id = id
    self.name = name
    self.labels = labels
    instance = Self.instance(in: labels)
  }

  private static func instance(in labels: [String: String]) -> UUID? {
    labels[Label.instance].flatMap { UUID(uuidString: $0) }
  }

  /// Whether a folder has the name that folders of its instance have; a copy of one has not.
  var isInItsPlace: Bool {
    guard let instance else { return false }
    return id.hasSuffix("/\(instance.uuidString.lowercased())")
  }
  /// The prepared database that it is labelled with.
  var prepared: String? { labels[Label.prepared] }
}

/// A container of this installation.
struct SeenContainer: Sendable, Hashable {
  /// Who it is.
  var thing: SeenThing
  /// What it is doing.
  var status: ContainerState.Status
  /// Docker's words for people: how long it runs, or with what it ended and when. Other words mean that something
  /// happened to it, or that time went by.
  var summary: String
  /// The id of its image.
  var imageID: String
  /// What only a closer look shows; nil where there was none.
  var details: Details?

  var isRunning: Bool { status == .running || status == .paused }
  /// What a closer look at a container shows.
  struct Details: Sendable, Hashable {
    /// What it is doing.
    var status: ContainerState.Status
    var startedAt: Date?
    var finishedAt: Date?
    /// With what its program last ended; 0 before its first end.
    var exitCode = 0
    /// How often Docker itself started it anew since somebody last started it.
    var restarts = 0
    var limits = Docker.ContainerLimits()
    var ports: Set<PortBinding> = []
    var environment: [String: Secret] = [:]
    var restartPolicy = RestartPolicy.no
  }

  /// Takes over what a closer look has shown. A Docker that could not write down the end of a container, for want of room,
  /// lists it as running on and on, and says the truth where it is asked for that one (seen in 20.10).
  mutating func take(_ details: Details?) {
    self.details = details
    if let details { status = details.status }
  }
}

extension SeenContainer {
  init(_ summary: ContainerSummary) {
    thing = SeenThing(kind: .container, id: summary.id, name: summary.name, labels: summary.labels)
    status = summary.status
    self.summary = summary.statusText
    imageID = summary.imageID
  }
}

extension SeenContainer.Details {
  init(_ container: Container) {
    status = container.state.status
    startedAt = container.state.startedAt
    finishedAt = container.state.finishedAt
    exitCode = container.state.exitCode
    restarts = container.restartCount
    limits = container.limits
    ports = Set(container.configuredPorts)
    environment = container.environment
    restartPolicy = container.restartPolicy
  }
}

extension DockerRuntime {
  /// Everything of this installation on the server, in three questions at once and, with `folders`, one command.
  ///
  /// - Parameter patience: how long the three may take.
  func see(folders: Bool, patience: Duration) async throws -> SeenServer {
    var seen = try await within(patience) { try await seeThings() }
    if folders { seen.folders = try await seeFolders() }
    return seen
  }

  /// What Docker answers to `question`.
  ///
  /// - Throws: `HostingError` where it takes longer than `patience`.
  func within<Answer: Sendable>(
    _ patience: Duration, _ question: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    do {
      return try await withDeadline(patience, question)
    } catch is DeadlineExceeded {
      throw HostingError(
        .unavailable, "Docker on \(server.name) did not list what it has within \(patience.formatted).",
        suggestion: "It is asked again; if this lasts, look at the load of \(server.name).")
    }
  }

  private func seeThings() async throws -> SeenServer {
    async let containers = seeContainers(unlessAs: nil)
    async let volumes = seeVolumes()
    async let networks = seeNetworks()
    var seen = SeenServer()
    let list = try await containers
    seen.containers = list?.containers ?? []
    seen.listMark = list?.mark
    seen.volumes = try await volumes
    seen.networks = try await networks
    return seen
  }

  /// What every question about things of this installation asks for.
  var ours: [String: String?] { [Label.installation: installation.uuidString] }

  /// The containers; nil where Docker answers as it did when it gave `mark`.
  func seeContainers(unlessAs mark: ListMark?) async throws -> (containers: [SeenContainer], mark: ListMark)?
  {
    guard let list = try await engine.containers(labels: ours, unlessAs: mark) else { return nil }
    return (list.containers.map { SeenContainer($0) }, list.mark)
  }

  /// The volumes.
  func seeVolumes() async throws -> [SeenThing] {
    try await engine.volumes(labels: ours).map {
      SeenThing(kind: .volume, id: $0.name, name: $0.name, labels: $0.labels)
    }
  }

  /// The networks.
  func seeNetworks() async throws -> [SeenThing] {
    try await engine.networks(labels: ours).map {
      SeenThing(kind: .network, id: $0.id, name: $0.name, labels: $0.labels)
    }
  }

  /// The folders that are marked as this installation's.
  func seeFolders() async throws -> [SeenThing] {
    let answer = try await host.text(
      of: Self.listingMarks(in: configuration.instancesFolder), deadline: .seconds(60))
    return Self.folders(inMarks: answer).filter {
      $0.labels[Label.installation] == installation.uuidString
    }
  }

  /// Prints each line of each folder's mark behind the mark's path and a colon.
  static func listingMarks(in parent: String) -> Command {
    let script = """
      test -d "$1" || exit 0
      exec find "$1" -mindepth 2 -maxdepth 2 -name .odeum -type f -size -8 -exec grep -H = {} +
      """
    return Command("sh", "-c", Word(script), "sh", Word(parent))
  }

  static func folders(inMarks text: String) -> [SeenThing] {
    var marks: [String: [String: String]] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "/.odeum:", maxSplits: 1)
      // With “.new” at its end, it is being made.
      guard parts.count == 2, !parts[0].hasSuffix(".new"), let equals = parts[1].firstIndex(of: "=") else {
        continue
      }
      let value = String(parts[1][parts[1].index(after: equals)...])
      marks[String(parts[0]), default: [:]][String(parts[1][..<equals])] = value
    }
    return marks.sorted { $0.key < $1.key }.map { path, labels in
      SeenThing(kind: .folder, id: path, name: path, labels: labels)
    }
  }
}
