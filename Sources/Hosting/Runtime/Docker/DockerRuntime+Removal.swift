import Docker
import Foundation

/// Taking an instance away from a Docker host.
extension DockerRuntime {
  /// Only what this installation has made of the instance `id`: a copy of its database, under another installation,
  /// knows the same instances.
  private func own(_ id: UUID) -> [String: String?] {
    [Label.installation: installation.uuidString, Label.instance: id.uuidString]
  }

  /// Removes every container of the instance `id`.
  func removeContainers(of id: UUID) async throws {
    try await removeContainers(labels: own(id))
  }

  /// Removes every volume of the instance `id`, with its data.
  func removeVolumes(of id: UUID) async throws {
    try await endingLatecomers(own(id)) {
      for volume in try await engine.volumes(labels: own(id)) { try await removeVolume(volume) }
    }
  }

  /// Runs `removal` again where something is in use still, without the containers with `labels`: one that was being made
  /// when its maker was called off comes into being behind their removal.
  func endingLatecomers(_ labels: [String: String?], _ removal: () async throws -> Void) async throws {
    for _ in 1...5 {
      do {
        return try await removal()
      } catch DockerError.inUse(let what, let name, _) {
        log("The \(what.rawValue) \(name) is in use: it is looked once more for containers.")
        try await removeContainers(labels: labels)
      }
    }
    try await removal()
  }

  /// Removes the networks of the instance `id`.
  func removeNetworks(of id: UUID) async throws {
    for network in try await engine.networks(labels: own(id)) {
      try await engine.removeNetwork(network.id)
    }
  }

  /// What the host still has of the instance `id`, named.
  func remains(of id: UUID) async throws -> [String] {
    let label = own(id)
    async let containers = engine.containers(labels: label)
    async let volumes = engine.volumes(labels: label)
    async let networks = engine.networks(labels: label)
    let folder = folder(of: id)
    let folders = try await folder.isThere() ? ["folder \(folder.path)"] : []
    return try await containers.map { "container \($0.name)" } + (await volumes).map { "volume \($0.name)" }
      + (await networks).map { "network \($0.name)" } + folders
  }
}
