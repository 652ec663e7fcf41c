import Foundation

extension Hosting {
  /// Says what the people who run a server want with it: `draining` and `maintenance` keep new instances away, and
  /// during `maintenance` nothing is begun with those that it has.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`.
  public func setMode(of reference: String, to mode: Server.Mode, by actor: Actor) async throws -> Server {
    let server = try await controlled(reference, by: actor)
    try await jobs.transaction { transaction in
      try await serverStore.setMode(server.id, mode, transaction)
      try await note(
        .setServerMode, .server(server), before: ["mode": server.mode.rawValue],
        after: ["mode": mode.rawValue], by: actor, transaction)
    }
    return try await self.server(server.id.uuidString, by: actor)
  }

  /// Refuses to begin something with an instance on a server on which somebody works.
  ///
  /// - Throws: `HostingError` with code `conflict`.
  func refuseMaintenance(of server: ServerReference) async throws {
    guard let server = try await serverStore.get(server.id, atOnce), server.mode == .maintenance else {
      return
    }
    throw HostingError(
      .conflict, "\(server.name) is in maintenance, and nothing is begun with its instances.",
      suggestion: "When the work there is done: odeum server activate \(server.name)")
  }
}
