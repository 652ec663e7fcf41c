import Foundation
import Jobs
import JobsTesting

@testable import Hosting

/// Reads and writes in memory what the watch of a server at rest needs.
struct MemoryWatchStore: WatchStore, MemoryStore {
  let tables: MemoryTables

  func mark(of server: UUID, _ transaction: (any Transaction)?) async throws -> String? {
    try await run(transaction) { mark(of: server, $0) }
  }

  func noteSeen(
    _ server: UUID, byDocker: Bool, facts: ServerFacts?, _ transaction: (any Transaction)?
  ) async throws -> String? {
    try await run(transaction) { transaction in
      tables.updateServer(server, transaction) { row in
        guard row.server.absence == nil else { return }
        if byDocker { row.server.seenAt = Date() }
        row.server.facts = facts ?? row.server.facts
      }
      return mark(of: server, transaction)
    }
  }

  /// Nobody asks for it in memory, where there are no plans.
  func noteStorage(_ bytes: [UUID: Int], on server: UUID, _ transaction: (any Transaction)?) async throws {}

  private func mark(of id: UUID, _ transaction: MemoryTransaction) -> String? {
    guard let row = tables.servers.get(id, in: transaction), !row.isRemoved else { return nil }
    let server = row.server
    var words = [
      server.name, server.address, "\(server.access?.port ?? 22)", "\(server.exposed)", server.mode.rawValue,
      server.absence?.rawValue ?? "", "\(server.validatedAt?.timeIntervalSince1970 ?? 0)",
      "\(server.facts.cores ?? 0)",
    ]
    for row in tables.all(on: id, transaction) {
      words.append("\(row.instance.id) \(row.version)")
      if let job = tables.activeJob(row.instance.id, transaction) { words.append("\(job)") }
    }
    words += tables.preparedKeys(on: id, transaction).sorted()
    return words.joined(separator: " ")
  }
}
