import Docker
import Foundation
import Remote

extension DockerRuntime {
  /// What the server has and how full it is.
  func look() async throws -> ServerFacts { try await look(with: seeEngine()) }

  /// What Docker there is.
  func seeEngine() async throws -> SeenEngine {
    SeenEngine(version: try await engine.version().version, rootFolder: try await engine.info().rootFolder)
  }

  /// As `look()`, by one command, where it is known what Docker there is.
  func look(with docker: SeenEngine) async throws -> ServerFacts {
    let facts = try await host.facts(diskAt: docker.rootFolder)
    func megabytes(_ bytes: Int) -> Int { bytes / 1_000_000 }
    return ServerFacts(
      os: "\(facts.osName) \(facts.osVersion)", architecture: facts.architecture, docker: docker.version,
      cores: facts.cores, loadOne: facts.load.one, loadFive: facts.load.five, loadFifteen: facts.load.fifteen,
      memoryMB: megabytes(facts.memoryTotal), memoryAvailableMB: megabytes(facts.memoryAvailable),
      swapMB: megabytes(facts.swapTotal), swapFreeMB: megabytes(facts.swapFree),
      diskMB: megabytes(facts.disk.total), diskFreeMB: megabytes(facts.disk.available),
      inodes: facts.disk.inodesTotal, inodesFree: facts.disk.inodesFree)
  }
}

/// What of a Docker engine stays the same as long as it runs.
struct SeenEngine: Sendable {
  /// Its version.
  var version: String
  /// The folder that holds its data.
  var rootFolder: String
}
