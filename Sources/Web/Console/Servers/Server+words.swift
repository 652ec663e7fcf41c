import Foundation
import Hosting

extension Server {
  /// The dot and the word.
  var stateView: StateView {
    switch status {
    case .ready: StateView(look: "ready", text: "Ready")
    case .unavailable where access != nil && validatedAt == nil:
      StateView(look: "warn", text: "Not validated")
    case .unavailable: StateView(look: "failed", text: "Not available")
    }
  }

  /// What is wanted with it, where that is not that it takes new instances.
  var modeText: String? {
    switch mode {
    case .active: nil
    case .draining: "Draining"
    case .maintenance: "Maintenance"
    }
  }

  fileprivate var kindText: String {
    guard let access else { return "This machine" }
    return "\(access.user)@\(address)" + (access.port == 22 ? "" : ", port \(access.port)")
  }

  /// What is used of processors, memory and disk.
  var gauges: [ServersPage.Gauge] {
    func used(_ total: Int?, _ free: Int?) -> Int? { total.flatMap { total in free.map { total - $0 } } }
    func text(_ used: Int, _ total: Int) -> String { "\(sizeText(used)) of \(sizeText(total)) used" }
    return [
      ServersPage.Gauge(
        "Processor", used: facts.loadOne.map { Int($0 * 100) }, total: facts.cores.map { $0 * 100 }
      ) { String(format: "load %.1f on ", Double($0) / 100) + countText($1 / 100, "core") },
      ServersPage.Gauge(
        "Memory", used: used(facts.memoryMB, facts.memoryAvailableMB), total: facts.memoryMB, text: text),
      ServersPage.Gauge("Disk", used: used(facts.diskMB, facts.diskFreeMB), total: facts.diskMB, text: text),
    ].compactMap(\.self)
  }
}

extension ServersPage.Card {
  init(_ server: Server) {
    let facts = server.facts
    let system = [facts.os, facts.cores.map { countText($0, "core") }].compactMap(\.self).joined(
      separator: ", ")
    self.init(
      name: server.name, kind: server.kindText, state: server.stateView,
      trouble: server.status == .ready ? nil : server.statusReason, gauges: server.gauges,
      facts: [
        FactView(label: "Instances", value: String(server.instances)),
        system.isEmpty ? nil : FactView(label: "System", value: system),
        facts.docker.map { FactView(label: "Docker", value: $0) },
        FactView(label: "Looked at", value: server.seenAt.map { Moment($0).ago } ?? "Not yet"),
      ].compactMap(\.self), href: "/servers/\(server.name.inAddress)", mode: server.modeText)
  }
}

extension ServerPage {
  init(_ server: Server, instances: [InstanceSummary], jobs: [Hosting.Operation], _ actor: Actor) {
    let work = server.activeJob.flatMap { id in jobs.first { $0.id == id } }
    let hidden = server.instances - instances.count
    self.init(
      name: server.name, kind: server.kindText, state: server.stateView, mode: server.modeText,
      reason: server.statusReason, trouble: server.status != .ready,
      actions: Self.actions(server, isBusy: work != nil, actor),
      work: work.map { Work(title: "\($0.title) is under way", href: "/jobs/\($0.id)") },
      waitingKey: server.validatedAt == nil
        ? server.access.map {
          WaitingKey(
            file: "~\($0.user)/.ssh/authorized_keys",
            copy: CopyView(text: $0.publicKey, what: "the public key"))
        } : nil, gauges: server.gauges, machine: Self.machine(server), access: Self.access(server),
      note: server.note.isEmpty ? nil : server.note,
      instances: instances.map {
        Row(
          name: $0.name.text, href: $0.path, stage: $0.stage.rawValue, stageText: $0.stage.text,
          state: $0.status.state)
      }, others: hidden > 0 ? "and \(hidden) more, not yours" : nil,
      jobs: jobs.map { JobRow($0, subject: false) })
  }

  private static func actions(_ server: Server, isBusy: Bool, _ actor: Actor) -> [ActionView] {
    let path = "/servers/\(server.name.inAddress)"
    let refusal =
      actor.controls(server)
      ? nil
      : server.organisationID == nil
        ? "This server is the operator’s." : "Your role “\(actor.role.rawValue)” does not allow this."
    let busy = refusal ?? (isBusy ? "A job is under way." : nil)
    var actions = [
      ActionView(
        id: "validate", label: "Validate", icon: "check",
        style: server.validatedAt == nil ? "primary" : "plain",
        href: "\(path)/validate", post: true, refused: busy),
      ActionView(
        id: "prepare", label: "Prepare", icon: "settings", href: "\(path)/prepare", dialog: true,
        refused: busy),
    ]
    switch server.mode {
    case .active:
      actions += [
        ActionView(
          id: "drain", label: "Drain", icon: "pause", href: "\(path)/drain", post: true, refused: refusal),
        ActionView(
          id: "maintenance", label: "Maintenance", icon: "stop", href: "\(path)/maintenance", post: true,
          refused: refusal),
      ]
    case .draining, .maintenance:
      actions.append(
        ActionView(
          id: "activate", label: "Activate", icon: "play", style: "primary", href: "\(path)/activate",
          post: true,
          refused: refusal))
    }
    actions.append(
      ActionView(id: "edit", label: "Edit", icon: "settings", href: "\(path)/edit", refused: refusal))
    if server.kind == .ssh {
      actions.append(
        ActionView(
          id: "remove", label: "Remove", icon: "trash", style: "danger", href: "\(path)/remove", dialog: true,
          refused: busy))
    }
    return actions
  }

  private static func machine(_ server: Server) -> [FactView] {
    let facts = server.facts
    var views: [FactView] = []
    if let os = facts.os { views.append(FactView(label: "System", value: os, more: facts.architecture)) }
    if let docker = facts.docker { views.append(FactView(label: "Docker", value: docker)) }
    if let cores = facts.cores { views.append(FactView(label: "Cores", value: String(cores))) }
    let averages: [Double] = [facts.loadOne, facts.loadFive, facts.loadFifteen].compactMap(\.self)
    if !averages.isEmpty {
      let load = averages.map { String(format: "%.2f", $0) }.joined(separator: ", ")
      views.append(FactView(label: "Load", value: load, more: "Over 1, 5 and 15 minutes"))
    }
    if let total = facts.swapMB {
      let free = "\(sizeText(facts.swapFreeMB ?? 0)) of \(sizeText(total)) free"
      views.append(FactView(label: "Swap", value: total == 0 ? "None" : free))
    }
    if let total = facts.inodes, let free = facts.inodesFree, total > 0 {
      views.append(FactView(label: "Inodes", value: "\(free * 100 / total) % free"))
    }
    let reserved = "\(sizeText(server.load.memoryMB)) by \(countText(server.instances, "instance"))"
    let left = facts.memoryMB.map { "\(sizeText(max(0, $0 - server.load.memoryMB))) of memory are not" }
    views.append(FactView(label: "Reserved", value: reserved, more: left))
    views.append(
      FactView(label: "Looked at", value: server.seenAt.map { Moment($0).ago } ?? "Not yet"))
    return views
  }

  private static func access(_ server: Server) -> [FactView] {
    let policy =
      switch server.stagePolicy {
      case .allow: "Allowed"
      case .warn: "Allowed, with a warning"
      case .refuse: "Refused"
      }
    var facts = [FactView(label: "Address", value: server.address, mono: true)]
    if let access = server.access {
      facts += [FactView(label: "User", value: "\(access.user), port \(access.port)", mono: true)]
      facts += access.hostKeys.map {
        FactView(label: "Host key", value: $0.fingerprint, mono: true, more: $0.type)
      }
      facts.append(
        FactView(
          label: "Public key", value: access.publicKey, mono: true,
          copy: CopyView(text: access.publicKey, what: "the public key")))
    }
    return facts + [
      FactView(
        label: "Owner", value: server.organisationID == nil ? "The operator" : "The organisation",
        more: server.sharedWith.isEmpty ? nil : "Shared with \(server.sharedWith.joined(separator: ", "))"),
      FactView(label: "Ports", value: server.exposed ? "Open to the network" : "On the server itself only"),
      FactView(label: "Production beside other stages", value: policy),
    ] + server.sharedFolders.map { FactView(label: "Shared folder", value: $0.text, mono: true) }
      + server.filestoreFolders.map { FactView(label: "Folder for files", value: $0.text, mono: true) }
  }
}
