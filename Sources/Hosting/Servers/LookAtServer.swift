import Docker
import Foundation
import Remote

extension DockerRuntime {
  /// What the server has and how full it is.
  func look() async throws -> ServerFacts {
    let version = try await engine.version()
    let info = try await engine.info()
    let facts = try await host.facts(diskAt: info.rootFolder)
    func megabytes(_ bytes: Int) -> Int { bytes / 1_000_000 }
    return ServerFacts(
      os: "\(facts.osName) \(facts.osVersion)", architecture: facts.architecture, docker: version.version,
      cores: facts.cores, loadOne: facts.load.one, loadFive: facts.load.five, loadFifteen: facts.load.fifteen,
      memoryMB: megabytes(facts.memoryTotal), memoryAvailableMB: megabytes(facts.memoryAvailable),
      swapMB: megabytes(facts.swapTotal), swapFreeMB: megabytes(facts.swapFree),
      diskMB: megabytes(facts.disk.total), diskFreeMB: megabytes(facts.disk.available),
      inodes: facts.disk.inodesTotal, inodesFree: facts.disk.inodesFree)
  }
}
