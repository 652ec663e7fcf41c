import Foundation

extension SimulatedEngine {
  /// A container that runs, and what surrounds it.
  package struct Look: Sendable {
    /// The container as its programs see it.
    package var view: ContainerView
    /// The ids of its networks.
    package var networks: Set<String>
    /// What is in its volumes.
    package var volumes: VolumeAccess
  }

  /// The container that has a port of the host now.
  package func container(publishing port: Int) -> Look? {
    look { $0.ports.contains { $0.port == port } }
  }

  /// A container that runs on one of these networks, among whose words is `word`.
  package func container(on networks: Set<String>, runs word: String) -> Look? {
    look { container in
      (container.entrypoint + container.command).contains(word)
        && container.networks.contains { networks.contains($0.network) }
    }
  }

  private func look(_ isMeant: @Sendable (SimulatedContainer) -> Bool) -> Look? {
    change { state in
      guard let found = state.containers.values.first(where: { $0.isRunning && isMeant($0) }) else {
        return nil
      }
      return Look(
        view: found.view(now: Date()), networks: Set(found.networks.map(\.network)),
        volumes: state.volumes(of: found))
    }
  }
}
