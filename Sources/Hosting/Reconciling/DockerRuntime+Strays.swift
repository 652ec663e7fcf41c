import Docker
import Foundation
import Remote

extension DockerRuntime {
  /// What a closer look at `containers` shows, by their ids. Those that are gone by now are left out.
  func lookCloser(at containers: [SeenContainer]) async throws -> [String: SeenContainer.Details] {
    try await withThrowingTaskGroup { group in
      var found: [String: SeenContainer.Details] = [:]
      var waiting = containers.makeIterator()
      func addNext() {
        guard let next = waiting.next() else { return }
        group.addTask { (next.thing.id, try await engine.container(next.thing.id).map { .init($0) }) }
      }
      // So many at once as do no harm over a forwarded socket.
      for _ in 0..<8 { addNext() }
      while let (id, details) = try await group.next() as (String, SeenContainer.Details?)? {
        found[id] = details
        addNext()
      }
      return found
    }
  }

  /// The labels that `stray` has now; nil where it is gone.
  func labels(of stray: Stray) async throws -> [String: String]? {
    switch stray.kind {
    case .container: try await engine.container(stray.thing)?.labels
    case .volume: try await engine.volume(stray.thing)?.labels
    case .network: try await engine.network(stray.thing)?.labels
    case .folder: try await labels(ofFolder: stray.thing)
    }
  }

  /// Removes `stray`. Its labels were looked at just before.
  func remove(_ stray: Stray) async throws {
    switch stray.kind {
    case .container: try await engine.remove(stray.thing, force: true)
    case .volume: if let volume = try await engine.volume(stray.thing) { try await removeVolume(volume) }
    case .network: try await engine.removeNetwork(stray.thing)
    case .folder:
      // The mark goes last, so that a removal that was cut off is still known as ours.
      try await host.output(of: InstanceFolder.emptying(stray.thing), deadline: .seconds(600))
      try await host.output(of: Command("rm", "-rf").operands(Word(stray.thing)), deadline: .seconds(60))
    }
  }

  private func labels(ofFolder path: String) async throws -> [String: String]? {
    let marks = try await host.text(
      of: Self.listingMarks(in: configuration.instancesFolder), deadline: .seconds(60))
    return Self.folders(inMarks: marks).first { $0.id == path }?.labels
  }

  /// Takes everything of the prepared database `key` of this installation away.
  func discard(preparation key: String) async throws {
    let label: [String: String?] = [Label.installation: installation.uuidString, Label.prepared: key]
    try await removeContainers(labels: label)
    for volume in try await engine.volumes(labels: label) { try await engine.removeVolume(volume.name) }
    for network in try await engine.networks(labels: label) { try await engine.removeNetwork(network.id) }
  }
}
