import Foundation

/// What was on a host at a moment, as a backup of its disk has it.
package struct HostBackup: Sendable {
  fileprivate var containers: [String: SimulatedContainer]
  fileprivate var volumes: [String: SimulatedVolume]
  fileprivate var networks: [String: SimulatedNetwork]
}

extension SimulatedEngine {
  /// A backup of the host.
  package var backup: HostBackup {
    change { HostBackup(containers: $0.containers, volumes: $0.volumes, networks: $0.networks) }
  }

  /// Puts back from a backup what is there no more and whose labels are meant. Containers come back stopped.
  ///
  /// - Returns: whether that was anything.
  package func bringBack(_ backup: HostBackup, where isMeant: ([String: String]) -> Bool) -> Bool {
    change { state in
      var isAny = false
      for (name, volume) in backup.volumes where state.volumes[name] == nil && isMeant(volume.labels) {
        state.volumes[name] = volume
        isAny = true
      }
      for (id, network) in backup.networks where state.networks[id] == nil && isMeant(network.labels) {
        state.networks[id] = network
        isAny = true
      }
      for (id, container) in backup.containers where state.containers[id] == nil && isMeant(container.labels)
      {
        var stopped = container
        stopped.status = .exited
        stopped.ports = []
        stopped.hasPerished = false
        state.containers[id] = stopped
        isAny = true
      }
      return isAny
    }
  }
}
