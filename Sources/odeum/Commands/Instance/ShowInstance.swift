import ArgumentParser
import Client
import Foundation

/// `odeum instance show NAME`
struct ShowInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one instance.")

  @OptionGroup var instance: InstanceArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      try await client.asking(about: instance.name) { try await client.send(.instance(instance.name)) }
    }
    if common.json { return Terminal.output.json(answer.body) }
    for line in Self.lines(answer.value, Terminal.output.style) { Terminal.output.line(line) }
  }

  /// Everything about an instance that people ask for.
  static func lines(_ instance: API.Instance, _ style: Style, now: Date = Date()) -> [String] {
    var facts = Facts()
    facts.add("Address", instance.status == "running" ? style(instance.url, .bold) : instance.url)
    facts.add("Odoo", "\(instance.version) \(instance.edition)")
    facts.add("Stage", instance.stage)
    facts.add("Server", instance.server.name)
    let ports = instance.ports
    facts.add(
      "Ports",
      "web \(ports.web), longpolling \(ports.longpolling), mail \(ports.mail), database \(ports.database), ide \(ports.ide)"
    )
    facts.add("Database", instance.database)
    facts.add("Created", "\(instance.createdAt.local) (\(instance.createdAt.ago(at: now)))")
    facts.add("Id", instance.id.uuidString.lowercased())
    let state = style.state(instance.status)
    var lines = [
      "\(style(instance.name, .bold))  \(state)  for \(now.timeIntervalSince(instance.statusSince).inWords)"
    ]
    if !instance.statusReason.isEmpty { lines.append("  \(Columns.harmless(instance.statusReason))") }
    if let away = instance.outOfSight {
      let seen = instance.seenAt.map { "as it was seen \($0.ago(at: now))" } ?? "as it was last known"
      lines.append("  \(style("This is \(seen): \(Columns.harmless(away))", .yellow))")
    }
    lines += [""] + facts.lines(style)
    lines += ["", style("Settings", .bold)] + InstanceSettings.facts(instance.settings).lines(style)
    if !instance.drift.isEmpty {
      lines += ["", style("Differs on the server", .bold)]
      lines += instance.drift.map {
        "  \(style(Columns.harmless($0.text), .yellow))  (since \($0.since.ago(at: now)))"
      }
    }
    if instance.pendingRestart != "none" {
      let hard = instance.pendingRestart == "hard" ? " --hard" : ""
      lines += [""] + instance.pendingChanges.map { style(Columns.harmless($0), .yellow) }
      lines.append("\(style("Next:", .bold)) odeum instance restart \(instance.name)\(hard)")
    } else if let job = instance.activeJob {
      lines += ["", "\(style("Next:", .bold)) odeum job show \(job.uuidString.lowercased()) --follow"]
    } else if instance.status == "failed" {
      lines += ["", "\(style("Next:", .bold)) odeum instance logs \(instance.name)"]
    }
    return lines
  }
}

extension OdeumClient {
  /// Runs `body`; where there is no such instance, the advice is the command that lists them.
  func asking<Result>(about instance: String, _ body: () async throws -> Result) async throws -> Result {
    try await orListed(by: "odeum instance list", body)
  }
}
