import Foundation

@testable import Hosting

extension Server {
  /// A server that is fit for anything, with 16 GB and 8 cores.
  static func sample(
    _ name: String = "web1", mode: Mode = .active, policy: StagePolicy = .warn, status: Status = .ready,
    validated: Bool = true, memoryMB: Int = 16_000, available: Int? = nil, diskFreeMB: Int = 100_000,
    cores: Int = 8, stages: [Stage: Int] = [:], reservedMB: Int = 0, kind: Kind = .ssh
  ) -> Server {
    var facts = ServerFacts()
    facts.cores = cores
    facts.memoryMB = memoryMB
    facts.memoryAvailableMB = available ?? memoryMB
    facts.diskMB = 200_000
    facts.diskFreeMB = diskFreeMB
    return Server(
      id: UUID(), name: name, kind: kind, sharedWith: [], address: "192.0.2.1",
      access: ServerAccess(port: 22, user: "root", hostKeys: [], publicKey: ""), exposed: false, mode: mode,
      stagePolicy: policy, note: "", status: status,
      statusReason: status == .ready ? "Docker answers." : "Nothing listens there.",
      validatedAt: validated ? Date() : nil, facts: facts,
      load: ServerLoad(stages: stages, memoryMB: reservedMB, workers: 0))
  }
}

extension SystemReport {
  static func sample(_ lines: [String: String?] = [:]) throws -> SystemReport {
    try SystemReport(report: sampleText(lines), host: "web1")
  }

  /// What a server says on which everything is as it should be, with `lines` in the place of those that it has.
  static func sampleText(_ lines: [String: String?] = [:]) -> String {
    var values: [String: String] = [
      "user": "root", "privilege": "root", "machine": "0123456789abcdef0123456789abcdef",
      "architecture": "x86_64", "clock": "1000000000.5", "systemd": "yes", "socket": "open", "folder": "open",
      "instances": "open", "os.ID": "debian", "os.PRETTY_NAME": "\"Debian GNU/Linux 12 (bookworm)\"",
    ]
    for program in SystemReport.programs { values["program.\(program)"] = "yes" }
    for (name, value) in lines { values[name] = value }
    return values.map { "\($0.key)=\($0.value)\n" }.joined()
  }
}
