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
    for volume in try await engine.volumes(labels: own(id)) {
      try await removeVolume(volume)
    }
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
