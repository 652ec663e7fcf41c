import ArgumentParser
import Client
import Foundation

/// `odeum server list`
struct ListServers: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List servers.", aliases: ["ls"])

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.servers) }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.output.show(Self.table(answer.value.items, Terminal.output.style))
  }

  /// One row a server; what is free stands before what there is.
  static func table(_ servers: [API.Server], _ style: Style) -> Table {
    var table = Table(head: [
      "NAME", "STATUS", "MODE", "ADDRESS", "INSTANCES", "CORES", "MEMORY FREE", "DISK FREE", "DOCKER", "",
    ])
    table.rows = servers.map { server in
      [
        server.name, style.state(server.status), style(server.mode, Style.ink(of: server.mode)),
        server.kind == "local" ? "this machine" : server.address, String(server.instances),
        server.cores.map(String.init) ?? "?", free(server.memoryAvailableMB, of: server.memoryMB),
        free(server.diskFreeMB, of: server.diskMB), server.docker ?? "?",
        server.status == "ready" ? "" : Columns.harmless(server.statusReason),
      ]
    }
    return table
  }

  /// `1.2 of 4.0 GB`.
  static func free(_ free: Int?, of all: Int?) -> String {
    guard let free, let all else { return "?" }
    return "\(gigabytes(free)) of \(gigabytes(all)) GB"
  }

  /// A size in MB as a number of GB.
  static func gigabytes(_ megabytes: Int) -> String {
    String(format: megabytes < 10_000 ? "%.1f" : "%.0f", Double(megabytes) / 1000)
  }
}
