import Docker
import Foundation
import Remote

extension DockerRuntime {
  /// What the server has and how full it is.
  func look() async throws -> ServerFacts {
    let version = try await engine.version()
    let info = try await engine.info()
    let facts = try await host.facts(diskAt: info.rootFolder)
    return ServerFacts(
      os: "\(facts.osName) \(facts.osVersion)", docker: version.version, cores: facts.cores,
      memoryMB: facts.memoryTotal / 1_000_000, memoryAvailableMB: facts.memoryAvailable / 1_000_000,
      diskMB: facts.disk.total / 1_000_000, diskFreeMB: facts.disk.available / 1_000_000)
  }
}

extension Hosting {
  /// Looks at `server` and notes what is seen, or why nothing was seen.
  ///
  /// - Returns: whether operations can be run on it.
  @discardableResult
  func look(at server: Server) async throws -> Bool {
    do {
      let facts = try await fleet.runtime(on: server.reference).look()
      try await serverStore.setSeen(server.id, .ready, reason: "Docker answers.", facts: facts, database)
      return true
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      let failure = HostingError(translating: error)
      try await serverStore.setSeen(
        server.id, .unavailable, reason: failure.description, facts: nil, database)
      return false
    }
  }
}
