import Docker
import Foundation
import NIOCore

/// Everything on a simulated host, for an audit.
package struct Inventory: Sendable {
  /// A container.
  package struct Container: Sendable {
    /// Its id.
    package var id: String
    /// Its name.
    package var name: String
    /// Its labels.
    package var labels: [String: String]
    /// Whether it runs.
    package var isRunning: Bool
    /// The ports of the host that it was made to have.
    package var ports: Set<Int>
    /// When it was made.
    package var createdAt: Date
    /// The names of its volumes.
    package var volumes: Set<String>
    /// By which names beside its own it is found on its networks.
    package var aliases: Set<String>
  }

  /// The containers, oldest first.
  package var containers: [Container]
  /// Labels of volumes by their names.
  package var volumes: [String: [String: String]]
  /// What is in the volumes, in words of the simulation, by their names.
  package var contents: [String: [String: String]]
  /// Labels of networks by their names, but for those that every engine has.
  package var networks: [String: [String: String]]
  /// The names of all containers that were ever made with volumes that only their images asked for.
  package var namelesslyMounted: [String]
}

extension EngineState {
  var info: JSON {
    [
      "ID": "SIMULATED", "Name": "simulated", "NCPU": 4, "MemTotal": .number(16 << 30),
      "DockerRootDir": .string(rootFolder), "Driver": "overlay2", "CgroupVersion": "2",
      "CgroupDriver": "systemd",
      "LiveRestoreEnabled": .bool(livesOn), "MemoryLimit": true, "SwapLimit": true,
      "Containers": .number(containers.count),
      "ContainersRunning": .number(containers.values.filter(\.isRunning).count),
      "OperatingSystem": "Debian GNU/Linux 12 (bookworm)", "Architecture": "x86_64",
    ]
  }

  var inventory: Inventory {
    Inventory(
      containers: containers.values.sorted { $0.number < $1.number }.map { container in
        Inventory.Container(
          id: container.id, name: container.name, labels: container.labels, isRunning: container.isRunning,
          ports: Set((container.host.PortBindings ?? [:]).values.joined().compactMap { Int($0.HostPort) }),
          createdAt: container.createdAt, volumes: Set(container.mounts.compactMap(\.name)),
          aliases: Set(container.networks.flatMap(\.aliases)))
      },
      volumes: volumes.mapValues(\.labels), contents: volumes.mapValues(\.content),
      networks: Dictionary(
        networks.values.filter { !$0.isBuiltIn }.map { ($0.name, $0.labels) }, uniquingKeysWith: { $1 }),
      namelesslyMounted: namelesslyMounted)
  }

  // MARK: The daemon

  /// A container ends with its daemon or its host, and no policy is asked before the daemon is there again.
  mutating func perish(_ id: String, status: Int) {
    guard var container = containers[id], container.isRunning else { return }
    container.status = .exited
    container.exitStatus = status
    container.finishedAt = Date()
    container.ports = []
    container.hasPerished = true
    containers[id] = container
  }

  /// The daemon looks at a container that it finds: its policy decides (moby/daemon, restore).
  mutating func revive(_ id: String) {
    guard let container = containers[id] else { return }
    let wasUp = container.hasPerished || container.status == .restarting
    containers[id]?.hasPerished = false
    guard wasUp, container.isRevived else {
      if container.status == .restarting { containers[id]?.status = .exited }
      return
    }
    containers[id]?.status = .restarting
    startAnew(id, run: container.run)
  }
}
