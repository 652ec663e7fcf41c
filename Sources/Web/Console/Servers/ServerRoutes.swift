import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addServerRoutes(to routes: Routes) {
    routes.get("/servers", .permission(.viewServers)) { request, context in
      let servers = try await hosting.servers(by: context.actor)
      return try answer(
        ServersPage(servers: servers.map { ServersPage.Card($0) }), "Servers", section: .servers,
        events: "/events", request,
        context)
    }
  }
}

extension ServersPage.Card {
  init(_ server: Server) {
    let facts = server.facts
    func used(_ total: Int?, _ free: Int?) -> Int? { total.flatMap { total in free.map { total - $0 } } }
    func text(_ used: Int, _ total: Int) -> String { "\(sizeText(used)) of \(sizeText(total)) used" }
    let system = [facts.os, facts.cores.map { countText($0, "core") }].compactMap(\.self).joined(
      separator: ", ")
    self.init(
      name: server.name, kind: server.kind == .local ? "This machine" : "Over SSH, \(server.address)",
      state: server.status == .ready
        ? StateView(look: "ready", text: "Ready") : StateView(look: "failed", text: "Not available"),
      trouble: server.status == .ready ? nil : server.statusReason,
      gauges: [
        ServersPage.Gauge(
          "Memory", used: used(facts.memoryMB, facts.memoryAvailableMB), total: facts.memoryMB, text: text),
        ServersPage.Gauge(
          "Disk", used: used(facts.diskMB, facts.diskFreeMB), total: facts.diskMB, text: text),
      ].compactMap(\.self),
      facts: [
        FactView(label: "Instances", value: String(server.instances), href: "/instances"),
        system.isEmpty ? nil : FactView(label: "System", value: system),
        facts.docker.map { FactView(label: "Docker", value: $0) },
        FactView(label: "Ports", value: server.exposed ? "Open to the network" : "On the server itself only"),
        FactView(label: "Looked at", value: server.seenAt.map { Moment($0).ago } ?? "Not yet"),
      ].compactMap(\.self))
  }
}
