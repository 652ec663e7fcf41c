import Foundation

extension Hosting {
  /// The servers that the organisation of the one who asks may use.
  public func servers(by actor: Actor) async throws -> [Server] {
    try actor.require(.viewServers)
    return try await serverStore.list(for: actor.organisationID, database)
  }

  /// The server for a new instance: the one named `wish` (by name or id), or the one with the most memory
  /// available.
  ///
  /// - Throws: `HostingError`: `invalid` where there is no such server, `unavailable` where there is none at
  ///   all.
  func chooseServer(_ wish: String?, by actor: Actor) async throws -> Server {
    let servers = try await serverStore.list(for: actor.organisationID, database)
    if let wish, !wish.isEmpty {
      guard let server = servers.first(where: { $0.name == wish || $0.id.uuidString == wish.uppercased() })
      else {
        throw HostingError.invalid(
          [.init("server", "There is no server “\(wish)” for \(actor.organisationSlug).")],
          suggestion: "Choose one of: \(servers.map(\.name).joined(separator: ", ")).")
      }
      return server
    }
    let available = servers.filter { $0.status == .ready }
    guard
      let best = (available.isEmpty ? servers : available).max(by: {
        ($0.facts.memoryAvailableMB ?? 0) < ($1.facts.memoryAvailableMB ?? 0)
      })
    else {
      throw HostingError(
        .unavailable, "\(actor.organisationSlug) has no server.",
        suggestion: "Ask the operator to share one, or to add one.")
    }
    return best
  }
}
