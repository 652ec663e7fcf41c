import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addDashboardRoutes(to routes: Routes) {
    routes.get("/", .permission(.viewInstances)) { request, context in
      let actor = try context.actor
      let standing = try await hosting.standing(by: actor)
      let servers = actor.can(.viewServers) ? try await hosting.servers(by: actor) : []
      let strays = actor.isOperator ? try await hosting.strays(by: actor) : []
      let backups = actor.isOperator ? try await hosting.backupStanding(by: actor) : BackupStanding()
      let jobs = try await hosting.operations(of: nil, page: PageRequest(limit: 8), by: actor)
      let page = DashboardPage(
        standing, servers: servers, strays: strays, backups: backups, jobs: jobs.items,
        plan: try await hosting.plan(by: actor),
        actor)
      return try answer(page, "Dashboard", section: .dashboard, events: "/events", request, context)
    }
  }
}

extension DashboardPage {
  /// How many things that need somebody are listed.
  private static let most = 8

  init(
    _ standing: Standing, servers: [Server], strays: [Stray], backups: BackupStanding,
    jobs: [Hosting.Operation], plan: PlanUse, _ actor: Actor
  ) {
    let all =
      [Attention(backups)].compactMap(\.self) + servers.compactMap(Attention.init)
      + standing.troubles.map(Attention.init)
      + [Attention(strays)].compactMap(\.self)
    self.init(
      welcome: standing.instanceCount == 0, create: .newInstance(actor, plan),
      tiles: [
        .instances(standing), actor.can(.viewServers) ? .servers(servers) : nil, .jobs(standing),
      ].compactMap(\.self),
      plan: Plan(plan), attention: Array(all.prefix(Self.most)),
      attentionMore: all.count > Self.most ? "and \(all.count - Self.most) more" : nil,
      jobs: jobs.map { JobRow($0, subject: true) })
  }
}

extension DashboardPage.Plan {
  /// Nil where nothing is limited.
  fileprivate init?(_ use: PlanUse) {
    let limits = use.plan.limits.sorted { $0.key.rawValue < $1.key.rawValue }
    let gauges = limits.compactMap { limit, most -> ServersPage.Gauge? in
      guard let used = use.used[limit] else { return nil }
      // A limit of none is reached as soon as it is there.
      return ServersPage.Gauge(
        limit.words.capitalizedFirst, used: most == 0 ? 1 : used, total: max(1, most)
      ) { _, _ in "\(used) of \(most)" }
    }
    guard !gauges.isEmpty else { return nil }
    self.init(name: use.plan.name.isEmpty ? "Your plan" : use.plan.name, gauges: gauges)
  }
}

extension String {
  /// The text with a capital in front.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension DashboardPage.Tile {
  fileprivate static func instances(_ standing: Standing) -> Self {
    let known: [InstanceStatus] = [.failed, .running, .stopped, .sleeping]
    var parts = known.compactMap { status -> Part? in
      guard let count = standing.instances[status], count > 0 else { return nil }
      let view = status.state
      return Part(
        look: view.look, text: "\(count) \(view.text.lowercased())",
        href: "/instances?status=\(status.rawValue)")
    }
    let busy = standing.instances.filter { !known.contains($0.key) }.values.reduce(0, +)
    if busy > 0 { parts.append(Part(look: "busy", text: "\(busy) changing")) }
    return .init(
      label: "Instances", value: String(standing.instanceCount), href: "/instances", icon: "instance",
      parts: parts)
  }

  fileprivate static func servers(_ servers: [Server]) -> Self {
    let ready = servers.filter { $0.status == .ready }
    let away = servers.count - ready.count
    func free(_ what: KeyPath<ServerFacts, Int?>) -> Int {
      ready.compactMap { $0.facts[keyPath: what] }.reduce(0, +)
    }
    var parts: [Part] = []
    if away > 0 { parts.append(Part(look: "failed", text: "\(away) not available")) }
    if !ready.isEmpty {
      parts.append(Part(look: "ready", text: "\(ready.count) ready"))
      parts.append(Part(look: "stopped", text: sizeText(free(\.memoryAvailableMB)) + " of memory free"))
      parts.append(Part(look: "stopped", text: sizeText(free(\.diskFreeMB)) + " of disk free"))
    }
    return .init(
      label: "Servers", value: String(servers.count), href: "/servers", icon: "server", parts: parts)
  }

  fileprivate static func jobs(_ standing: Standing) -> Self {
    var parts: [Part] = []
    if standing.jobsFailed > 0 { parts.append(Part(look: "failed", text: "\(standing.jobsFailed) failed")) }
    parts.append(Part(look: "succeeded", text: "\(standing.jobsDone) done"))
    parts.append(Part(look: "stopped", text: "in the last 24 hours"))
    return .init(
      label: "Jobs under way", value: String(standing.jobsUnderWay), href: "/jobs", icon: "jobs", parts: parts
    )
  }
}

extension DashboardPage.Attention {
  /// Nil where nothing is wrong with the server.
  fileprivate init?(_ server: Server) {
    let path = "/servers/\(server.name.inAddress)"
    if server.status != .ready {
      let isNew = server.access != nil && server.validatedAt == nil
      self.init(
        look: isNew ? "warn" : "bad", icon: "server", title: server.name, href: path,
        text: server.statusReason, since: server.seenAt.map { Moment($0) })
    } else if let full = server.gauges.filter({ $0.percent >= 92 && $0.label != "Processor" }).first {
      self.init(
        look: "warn", icon: "server", title: server.name, href: path,
        text: "\(full.label) is nearly full: \(full.value).", since: nil)
    } else {
      return nil
    }
  }

  fileprivate init(_ trouble: Standing.Trouble) {
    self.init(
      look: trouble.status == .failed ? "bad" : "warn", icon: "instance", title: trouble.name.text,
      href: "/instances/\(trouble.name)", text: trouble.reason, since: Moment(trouble.since))
  }

  /// Nil where nothing is in the way of the control plane's own backups.
  fileprivate init?(_ backups: BackupStanding) {
    guard let trouble = backups.trouble else { return nil }
    let last =
      backups.lastMade.map { "The last whole one was made \(Moment($0).ago)." } ?? "There is none yet."
    self.init(
      look: "bad", icon: "alert", title: "Backup of the control plane", href: nil,
      text: "\(trouble.reason) \(last)", since: Moment(trouble.since))
  }

  /// Nil where there are no strays.
  fileprivate init?(_ strays: [Stray]) {
    guard let first = strays.map(\.firstSeen).min() else { return nil }
    self.init(
      look: "warn", icon: "search", title: countText(strays.count, "stray"), href: "/servers#strays",
      text: "Things on servers that carry this installation’s label and belong to nothing.",
      since: Moment(first))
  }
}
