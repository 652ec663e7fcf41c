import Docker
import Foundation
import Logging
import Remote

/// The way to every server: its host and its Docker engine, opened once and kept.
///
/// In this version the only server is the machine on which the control plane runs.
actor Fleet {
  private let configuration: HostingConfiguration
  private let installation: UUID
  private var engines: [UUID: DockerEngine] = [:]
  private let local = LocalHost()

  init(configuration: HostingConfiguration, installation: UUID) {
    self.configuration = configuration
    self.installation = installation
  }

  /// The runtime on `server`.
  func runtime(on server: ServerReference) -> DockerRuntime {
    DockerRuntime(
      engine: engine(of: server.id), host: local, server: server, installation: installation,
      configuration: configuration)
  }

  private func engine(of server: UUID) -> DockerEngine {
    if let engine = engines[server] { return engine }
    let engine = DockerEngine(socket: configuration.dockerSocket)
    engines[server] = engine
    return engine
  }
}
