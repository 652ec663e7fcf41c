import Docker
import Foundation
import Remote
import Synchronization

/// Reaches servers over OpenSSH, with the keys that the database keeps; the Docker engine comes through as a socket.
final class SSHConnector: ServerConnector {
  let local: any Remote.Host = LocalHost()
  let localEngine: DockerEngine
  private let configuration: HostingConfiguration
  private let masterKey: MasterKey
  private let servers: any ServerStore
  private let ownFolder = Mutex<ConnectionsFolder?>(nil)

  init(configuration: HostingConfiguration, servers: any ServerStore, masterKey: MasterKey) {
    localEngine = DockerEngine(socket: configuration.dockerSocket)
    self.configuration = configuration
    self.servers = servers
    self.masterKey = masterKey
  }

  var hasGate: Bool { configuration.gateProgram != nil }

  func connection(to server: Server, owner: FenceOwner?) async throws -> any ServerConnection {
    let folder = try folder()
    if server.kind == .local, let owner, let program = configuration.gateProgram {
      try? FileManager.default.createDirectory(
        atPath: configuration.instancesFolder, withIntermediateDirectories: true)
      return GatedConnection(
        owner: owner, program: program, folder: folder, dockerSocket: configuration.dockerSocket)
    }
    let way = try await Hosting.wayIn(
      to: server, store: servers, masterKey: masterKey, folder: folder, configuration)
    return SSHServerConnection(
      connection: way.connection(folder: folder, owner: owner), user: way.target.user, folder: folder)
  }

  func engine(as name: String, reach: @escaping @Sendable () async throws -> Void) throws -> DockerEngine {
    DockerEngine(socket: "\(try folder())/\(name)", reach: reach)
  }

  func folder() throws -> String {
    try ownFolder.withLock { folder in
      if let folder { return folder.path }
      let new = try ConnectionsFolder(in: configuration.connectionsFolder)
      folder = new
      return new.path
    }
  }
}

/// A connection to a server over OpenSSH.
private struct SSHServerConnection: ServerConnection {
  let connection: SSHConnection
  let user: String
  let folder: String

  var host: any Remote.Host { SSHHost(connection) }

  func connect() async throws {
    try await connection.connect()
  }

  func bringEngine(as name: String) async throws {
    _ = try await connection.forward(DockerEngine.defaultSocket, to: "\(folder)/\(name)")
  }

  func close() async {
    await connection.close()
  }
}
