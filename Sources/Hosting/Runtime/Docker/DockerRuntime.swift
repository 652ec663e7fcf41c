import Crypto
import Docker
import Foundation
import Logging
import Remote

/// Runs instances as Docker containers on one server. Every function looks before it acts, so that calling it
/// again after any interruption is harmless.
struct DockerRuntime: Sendable {
  let engine: DockerEngine
  let host: any Remote.Host
  let server: ServerReference
  let installation: UUID
  let configuration: HostingConfiguration
  /// Told of what whoever asked should know.
  var log: @Sendable (String) -> Void = { _ in }

  /// The labels of something of `instance`, made by the job `operation`.
  func labels(_ instance: Instance, role: String? = nil, operation: UUID) -> [String: String] {
    var labels = [
      Label.installation: installation.uuidString, Label.instance: instance.id.uuidString,
      Label.slug: instance.name.text, Label.operation: operation.uuidString,
    ]
    labels[Label.role] = role
    return labels
  }

  /// The folder of the instance `id`.
  func folder(of id: UUID) -> InstanceFolder {
    InstanceFolder(
      host: host, server: server.name, parent: configuration.instancesFolder, installation: installation,
      instance: id)
  }

  /// The container called `name` if it is the instance's own.
  ///
  /// - Throws: `HostingError` with code `conflict` where a foreign container has that name.
  func own(_ name: String, of instance: Instance) async throws -> Container? {
    guard let container = try await engine.container(name) else { return nil }
    guard container.labels[Label.instance] == instance.id.uuidString else {
      throw HostingError(
        .conflict,
        "On \(server.name) there is a container “\(name)” that does not belong to \(instance.name).",
        suggestion: "Rename or remove it (docker rename \(name) …), then try again; Odeum does not touch it.")
    }
    return container
  }

  /// The container `name` of `instance`, made from `spec` unless it is there. One that was made from another
  /// spec is replaced, and one that is known by halves.
  ///
  /// - Parameter marks: everything that makes the container what it is; two with equal marks are
  ///   interchangeable.
  /// - Returns: the container's id.
  func ensure(
    _ name: String, of instance: Instance, role: String, operation: UUID, spec: ContainerSpec, marks: [String]
  ) async throws -> String {
    var spec = spec
    let mark = Self.mark(of: marks)
    spec.labels = labels(instance, role: role, operation: operation).merging([Label.spec: mark]) { $1 }
    if let there = try await own(name, of: instance) {
      if there.labels[Label.spec] == mark, there.isWhole(as: spec) { return there.id }
      // By its own signal: PostgreSQL that is killed may lose what it has just confirmed.
      try await engine.stop(there.id, timeout: .seconds(60))
      try await endForgottenRuns(of: [there.id])
      try await engine.remove(there.id, force: true)
    }
    return try await engine.createContainer(name, spec)
  }

  /// Starts the container `name`, which `make` makes unless it is there.
  ///
  /// - Returns: the container's id.
  func start(_ name: String, made make: () async throws -> String) async throws -> String {
    let id = try await make()
    do {
      try await engine.start(id)
      return id
    } catch let error as DockerError where error.portInEnginesList != nil {
      guard let port = error.portInEnginesList else { throw error }
      try await start(id, refusedFor: port, with: error)
      return id
    } catch let error as DockerError where error.saysThatItRunsUnknown {
      try await endForgottenRuns(of: [id])
      try await engine.start(id)
      return id
    } catch let error as DockerError where error.saysThatARunIsLeft {
      try await endForgottenRuns(of: [id])
      try await engine.remove(id, force: true)
      return try await startAnother(made: make)
    } catch DockerError.api(let status, let message, let endpoint) {
      // What Docker stumbles over without room is not always called that.
      throw await fullFolder() != nil
        ? DockerError.noSpace(message: message)
        : DockerError.api(status: status, message: message, endpoint: endpoint)
    } catch DockerError.ghostEndpoint(_, let network, _) {
      // The engine takes a ghost away by its name, and only while no container has it.
      try await engine.remove(id, force: true)
      try await engine.disconnect(name, from: network)
      return try await startAnother(made: make)
    }
  }

  private func startAnother(made make: () async throws -> String) async throws -> String {
    let another = try await make()
    try await engine.start(another)
    return another
  }

  /// Whether the container `name` of `instance` is there and made from a spec with these marks.
  func stands(_ name: String, of instance: Instance, marks: [String]) async throws -> Bool {
    try await own(name, of: instance)?.labels[Label.spec] == Self.mark(of: marks)
  }

  /// What the label `odeum.spec` of a container with these marks says.
  static func mark(of marks: [String]) -> String {
    SHA256.hash(data: Data(marks.joined(separator: "\n").utf8)).prefix(8)
      .map { String(format: "%02x", $0) }.joined()
  }

  /// Stops what runs as `role` of `instance`, found by its labels: a foreign container of the same name is not asked.
  func stop(_ role: String, of instance: Instance, grace: Duration, signal: String) async throws {
    let labels = [Label.instance: instance.id.uuidString, Label.role: role]
    for container in try await engine.containers(labels: labels) {
      if container.status.isEnded {
        try await endForgottenRuns(of: [container.id])
      } else {
        // Also one that waits for being started again: nothing else ends that.
        try await engine.stop(container.id, timeout: grace, signal: signal)
      }
    }
  }

  /// Refuses to go on without the volumes that hold the data of `instance` with `settings`: Docker would make empty ones in their
  /// place.
  ///
  /// - Throws: `HostingError` with code `conflict` that names what is missing.
  func requireData(of instance: Instance, with settings: InstanceSettings) async throws {
    for name in [instance.parts.cluster, instance.filesVolume(with: settings)]
    where try await engine.volume(name) == nil {
      throw HostingError(
        .conflict,
        "The volume \(name) of \(instance.name) is gone from \(server.name), and nothing is made in its place, since "
          + "that would be empty.",
        suggestion:
          "Put the data back on the server, or remove the instance: odeum instance rm \(instance.name)")
    }
  }

  /// The volume `name`, made unless it is there.
  func ensureVolume(_ name: String, labels: [String: String], boundTo folder: String? = nil) async throws {
    if let there = try await engine.volume(name) {
      try refuseForeign("volume", name, there.labels, ours: labels)
      return
    }
    _ = try await engine.createVolume(name, labels: labels, boundTo: folder)
  }

  func refuseForeign(
    _ kind: String, _ name: String, _ labels: [String: String], ours: [String: String]
  ) throws {
    for key in [Label.installation, Label.instance, Label.prepared] where labels[key] != ours[key] {
      throw HostingError(
        .conflict, "On \(server.name) there is a \(kind) “\(name)” that does not belong to this instance.",
        suggestion:
          "Remove it if nobody needs it (docker \(kind) rm \(name)), then try again; Odeum does not touch it."
      )
    }
  }
}

extension Container {
  /// Whether the engine knows of it all that it was made with. One that is ended in the middle of making a container may
  /// know it without its place on the networks afterwards, where the others look for it by its aliases (seen in 20.10).
  fileprivate func isWhole(as spec: ContainerSpec) -> Bool {
    state.status != .created
      || spec.networks.allSatisfy { Set(networks[$0.network]?.aliases ?? []).isSuperset(of: $0.aliases) }
  }
}
