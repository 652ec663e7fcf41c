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
  /// - Returns: the names of what that was.
  package func bringBack(_ backup: HostBackup, where isMeant: ([String: String]) -> Bool) -> [String] {
    change { state in
      var names: [String] = []
      for (name, volume) in backup.volumes.sorted(by: { $0.key < $1.key })
      where state.volumes[name] == nil && isMeant(volume.labels) {
        state.volumes[name] = volume
        names.append("volume \(name)")
      }
      for network in backup.networks.values.sorted(by: { $0.number < $1.number })
      where state.networks[network.id] == nil && isMeant(network.labels) {
        state.networks[network.id] = network
        names.append("network \(network.name)")
      }
      for container in backup.containers.values.sorted(by: { $0.number < $1.number })
      where state.containers[container.id] == nil && isMeant(container.labels) {
        var stopped = container
        stopped.status = .exited
        stopped.ports = []
        stopped.hasPerished = false
        state.containers[container.id] = stopped
        names.append("container \(container.name)")
      }
      return names
    }
  }
}
