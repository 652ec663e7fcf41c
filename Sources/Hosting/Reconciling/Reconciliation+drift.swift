import Foundation

extension Reconciliation {
  /// The differences of an instance's parts, where they are others than those that are known.
  ///
  /// They are looked for only where nothing else is to be said: an instance that failed is to be mended first.
  static func drift(of recorded: RecordedInstance, _ seen: SeenServer) -> Finding? {
    let instance = recorded.instance
    var differences: [Difference] = []
    if recorded.hasLived, [.running, .stopped].contains(instance.status) {
      let name = instance.name.text
      let containers = ContainerRole.allCases.compactMap { seen.container(of: instance.id, $0) }
      // What only a closer look shows is not known yet.
      guard containers.allSatisfy({ $0.details != nil }) else { return nil }
      for role in ContainerRole.allCases {
        guard let container = seen.container(of: instance.id, role) else {
          // Where it should run, this is why it failed.
          guard instance.desired == .stopped else { continue }
          let part = instance.parts.container(role)
          let text =
            "The \(role.container) of \(name) was removed from \(instance.server.name); its data are still there. "
            + "The next start makes it anew: odeum instance start \(name)"
          differences.append(Difference(kind: .missingContainer, part: part, text: text))
          continue
        }
        differences += recorded.expected[role]?.differences(from: container, role, of: name) ?? []
      }
      let network = instance.parts.network
      if !seen.networks.contains(where: { $0.instance == instance.id && $0.name == network }) {
        let text =
          "The network \(network) was removed from \(instance.server.name). "
          + "A hard restart makes it anew: odeum instance restart \(name) --hard"
        differences.append(Difference(kind: .missingNetwork, part: network, text: text))
      }
      if recorded.catchesMail, let state = stateOfMailCatcher(of: instance, seen) {
        let text =
          "The mail catcher of \(name) \(state) on \(instance.server.name), so what it mails is not in its inbox. "
          + "A hard restart brings it: odeum instance restart \(name) --hard"
        differences.append(Difference(kind: .mailCatcher, part: instance.parts.mail, text: text))
      }
    }
    guard !instance.drift.tell(differences) else { return nil }
    return .drift(
      .init(id: instance.id, name: instance.name, status: instance.status), differences)
  }

  /// What is wrong with the mail catcher; nil where it is as it should be. It stands still while the instance does, and one
  /// that Docker is just starting again is left in peace.
  private static func stateOfMailCatcher(of instance: Instance, _ seen: SeenServer) -> String? {
    guard let catcher = seen.mailCatcher(of: instance.id) else { return "is not there" }
    let shouldRun = instance.status == .running && instance.desired == .running
    return shouldRun && !catcher.isRunning && catcher.status != .restarting ? "does not run" : nil
  }
}

extension PartNames {
  /// The name of the container with that role.
  func container(_ role: ContainerRole) -> String { role == .odoo ? odoo : database }
}
