import Foundation

@testable import Hosting
@testable import Web

extension PlayedHosting {
  /// A container that is left, the volume that it holds, and a folder.
  static func sampleStrays(on server: Server) -> [Stray] {
    func stray(_ kind: Stray.Kind, _ name: String, _ labels: [String: String]) -> Stray {
      Stray(
        id: UUID(), server: server.id, serverName: server.name, kind: kind, thing: name, name: name,
        labels: labels, firstSeen: Date(), lastSeen: Date())
    }
    return [
      stray(.container, "odeum-lost", [Label.slug: "lost"]),
      stray(.volume, "odeum-lost-data", [Label.slug: "lost"]),
      stray(.folder, "/var/lib/odeum-instances/0b0e5b1c-7d9b-4b3b-9a55-6d0a3e1f8a11", [:]),
    ]
  }

  /// Something was found on the first server.
  func find() {
    guard let server = state.withLock({ $0.servers.first }) else { return }
    change(.server(server.id)) { $0.strays = Self.sampleStrays(on: server) }
  }

  func strays(by actor: Actor) async throws -> [Stray] {
    guard actor.isOperator else { throw HostingError(.forbidden, "Only an operator sees strays.") }
    return state.withLock { $0.strays }
  }

  func stray(_ id: UUID, by actor: Actor) async throws -> Stray {
    guard let stray = try await strays(by: actor).first(where: { $0.id == id }) else {
      throw HostingError.notFound("stray", id.uuidString.lowercased())
    }
    return stray
  }

  func removeStray(_ id: UUID, by actor: Actor) async throws {
    let stray = try await stray(id, by: actor)
    let isHeld = state.withLock { state in
      stray.kind == .volume && state.strays.contains { $0.kind == .container }
    }
    guard !isHeld else { throw HostingError(.conflict, "The volume \(stray.name) is in use.") }
    change(.server(stray.server)) { state in state.strays.removeAll { $0.id == id } }
  }
}
