import Foundation

@testable import Hosting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// Compares what the database says with what is on the machines, when all is whole and nothing is under way.
struct Audit: Sendable {
  let world: World

  func run() async throws {
    let instances = await world.livingInstances()
    world.count("audited instances")
    world.tally.withLock { $0["living instances at the end"] = instances.count }
    let byID = Dictionary(instances.map { ($0.id, $0) }) { $1 }
    for machine in world.machines { look(at: machine, byID) }
    for instance in instances { await look(at: instance) }
    let ports = Dictionary(grouping: instances) { "\($0.server.name) \($0.basePort)" }
    for (place, owners) in ports where owners.count > 1 {
      world.violated("ports \(place) belong to \(owners.map(\.name.text).sorted())")
    }
    try await lookAtNotes()
  }

  /// Whatever is there must belong to somebody, on this machine and once.
  private func look(at machine: SimulatedMachine, _ instances: [UUID: Instance]) {
    let inventory = machine.engine.inventory
    func owner(_ labels: [String: String], _ what: String) -> Instance? {
      guard labels[Label.installation] != nil else {
        world.violated("\(machine.name): \(what) has no label")
        return nil
      }
      if labels[Label.prepared] != nil { return nil }
      guard let id = labels[Label.instance].flatMap({ UUID(uuidString: $0) }), let instance = instances[id]
      else {
        world.violated("\(machine.name): \(what) belongs to nobody: \(labels[Label.slug] ?? "")")
        return nil
      }
      if instance.server.name != machine.name {
        world.violated("\(machine.name): \(what) of \(instance.name), which is on \(instance.server.name)")
      }
      return instance
    }
    var seen: Set<String> = []
    for container in inventory.containers {
      guard let instance = owner(container.labels, "container \(container.name)") else { continue }
      let role = container.labels[Label.role] ?? ""
      if !seen.insert("\(instance.id) \(role)").inserted {
        world.violated("\(machine.name): \(instance.name) has two containers as \(role)")
      }
      if !container.ports.isSubset(of: instance.basePort..<instance.basePort + 10) {
        world.violated(
          "\(machine.name): \(container.name) has ports \(container.ports.sorted()), which are not among the ten from "
            + "\(instance.basePort) on")
      }
      if role == "copy" { world.violated("\(machine.name): \(container.name) was left behind") }
    }
    for (name, labels) in inventory.volumes.sorted(by: { $0.key < $1.key }) {
      _ = owner(labels, "volume \(name)")
    }
    for (name, labels) in inventory.networks.sorted(by: { $0.key < $1.key }) {
      if labels[Label.prepared] != nil, inventory.containers.isEmpty {
        world.violated("\(machine.name): network \(name) of a preparation was left behind")
      }
      _ = owner(labels, "network \(name)")
    }
  }

  /// What should be is what is.
  private func look(at instance: Instance) async {
    guard let machine = world.machines.first(where: { $0.name == instance.server.name }) else { return }
    let containers = machine.engine.inventory.containers.filter {
      $0.labels[Label.instance] == instance.id.uuidString
    }
    let running = Set(containers.filter(\.isRunning).compactMap { $0.labels[Label.role] })
    switch (instance.desired, instance.status) {
    case (.running, .running):
      if running != ["odoo", "database"] {
        world.violated("\(instance.name) counts as running, and \(running.sorted()) run on \(machine.name)")
      } else if !containers.contains(where: { $0.aliases.contains("db") }) {
        world.violated("\(instance.name) counts as running, and Odoo could not find its database again")
      } else if machine.answer(atPort: instance.basePort) != "200" {
        world.violated("\(instance.name) counts as running and does not answer")
      }
    case (.stopped, .stopped):
      if !running.isEmpty {
        world.violated("\(instance.name) counts as stopped, and \(running.sorted()) run on \(machine.name)")
      }
    default:
      world.violated(
        "\(instance.name) should be \(instance.desired.rawValue) and is \(instance.status.rawValue): "
          + instance.statusReason)
    }
  }
}
