import ArgumentParser
import Client
import Foundation

/// `odeum server show NAME`
struct ShowServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one server.")

  @OptionGroup var server: ServerArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      try await client.askingServer { try await client.send(.server(server.name)) }
    }
    if common.json { return Terminal.output.json(answer.body) }
    for line in Self.lines(answer.value, Terminal.output.style) { Terminal.output.line(line) }
  }

  /// Everything about a server that people ask for.
  static func lines(_ server: API.Server, _ style: Style, now: Date = Date()) -> [String] {
    let mode = server.mode == "active" ? "" : "  \(style(server.mode, .yellow))"
    var lines = ["\(style(server.name, .bold))  \(style.state(server.status))\(mode)"]
    lines += ["  \(Columns.harmless(server.statusReason))", ""]
    lines += access(server, now).lines(style)
    lines += ["", style("Machine", .bold)] + machine(server).lines(style)
    lines += ["", style("Instances", .bold)] + instances(server).lines(style)
    if let next = next(server) { lines += ["", "\(style("Next:", .bold)) \(next)"] }
    return lines
  }

  private static func access(_ server: API.Server, _ now: Date) -> Facts {
    var facts = Facts()
    facts.add("Address", server.kind == "local" ? "this machine (\(server.address))" : server.address)
    if let user = server.user, let port = server.port { facts.add("SSH", "\(user), port \(port)") }
    for key in server.hostKeys ?? [] { facts.add("Host key", "\(key.type) \(key.fingerprint)") }
    facts.add("Public key", server.publicKey.map(Columns.harmless))
    facts.add(
      "Owner",
      server.owner
        + (server.sharedWith.isEmpty ? "" : ", shared with \(server.sharedWith.joined(separator: ", "))"))
    facts.add("Ports", server.exposed ? "open to the network" : "on the server itself only")
    facts.add("Stage policy", server.stagePolicy)
    for (name, folders) in [
      ("Shared folders", server.sharedFolders), ("Folders for files", server.filestoreFolders),
    ] {
      facts.add(name, folders.isEmpty ? nil : Columns.harmless(folders.joined(separator: ", ")))
    }
    facts.add("Note", server.note.isEmpty ? nil : Columns.harmless(server.note))
    facts.add("Looked at", server.seenAt.map { $0.ago(at: now) } ?? "not yet")
    facts.add("Id", server.id.uuidString.lowercased())
    return facts
  }

  private static func machine(_ server: API.Server) -> Facts {
    var facts = Facts()
    facts.add("System", [server.os, server.architecture].compactMap(\.self).joined(separator: ", "))
    facts.add("Docker", server.docker)
    facts.add("Cores", server.cores.map(String.init))
    facts.add(
      "Load", server.load.map { $0.map { String(format: "%.2f", $0) }.joined(separator: ", ") })
    facts.add("Memory free", server.memoryMB.map { ListServers.free(server.memoryAvailableMB, of: $0) })
    facts.add(
      "Swap free",
      server.swapMB.map { $0 == 0 ? "there is none" : ListServers.free(server.swapFreeMB, of: $0) })
    facts.add("Disk free", server.diskMB.map { ListServers.free(server.diskFreeMB, of: $0) })
    if let all = server.inodes, let free = server.inodesFree, all > 0 {
      facts.add("Inodes free", "\(free * 100 / all) %")
    }
    return facts
  }

  private static func instances(_ server: API.Server) -> Facts {
    var facts = Facts()
    let stages = ["production", "staging", "dev"].compactMap { stage in
      server.stages[stage].flatMap { $0 > 0 ? "\($0) \(stage)" : nil }
    }
    facts.add(
      "Number", stages.isEmpty ? "none" : "\(server.instances): \(stages.joined(separator: ", "))")
    let memory = "\(ListServers.gigabytes(server.reservedMemoryMB)) GB of memory"
    facts.add("Reserved", "\(memory), \(server.reservedWorkers) workers")
    return facts
  }

  private static func next(_ server: API.Server) -> String? {
    if let job = server.activeJob { return "odeum job show \(job.uuidString.lowercased()) --follow" }
    if server.kind == "ssh", server.validatedAt == nil { return "odeum server validate \(server.name)" }
    if server.mode != "active" { return "odeum server activate \(server.name)" }
    return nil
  }
}
