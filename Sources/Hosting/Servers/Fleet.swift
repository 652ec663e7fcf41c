import Docker
import Foundation
import Logging
import Postgres
import Remote

/// The way to every server: its host and its Docker engine, opened when they are first needed and kept.
///
/// A server over SSH has one connection. This control plane makes it under an epoch that it raises on the server
/// first, which ends what an older one had open there; the Docker engine comes through the connection as a socket.
actor Fleet {
  /// A server that is connected.
  struct Link: Sendable {
    let connection: SSHConnection
    /// The host as its present owner may use it.
    let host: any Remote.Host
    /// The engine's socket, on this machine.
    let dockerSocket: String
  }

  private let configuration: HostingConfiguration
  private let installation: UUID
  private let database: Database
  private let masterKey: MasterKey
  private let store = ServerStore()
  private let local = LocalHost()
  private let localEngine: DockerEngine
  private var links: [UUID: Task<Link, any Error>] = [:]
  private var engines: [UUID: DockerEngine] = [:]
  private var epochs: [UUID: Int] = [:]
  private var folder: ConnectionsFolder?

  init(
    configuration: HostingConfiguration, installation: UUID, database: Database, masterKey: MasterKey
  ) {
    self.configuration = configuration
    self.installation = installation
    self.database = database
    self.masterKey = masterKey
    localEngine = DockerEngine(socket: configuration.dockerSocket)
  }

  /// The runtime on `server`. Nothing is connected before it is used.
  func runtime(on server: ServerReference) -> DockerRuntime {
    DockerRuntime(
      engine: server.kind == .local ? localEngine : engine(of: server.id),
      host: server.kind == .local ? local : FleetHost(name: server.name, server: server.id, fleet: self),
      server: server, installation: installation, configuration: configuration)
  }

  private func engine(of server: UUID) -> DockerEngine {
    if let engine = engines[server] { return engine }
    let socket = Result { "\(try connectionsFolder())/\(Self.shortName(server)).sock" }
    let engine = DockerEngine(socket: (try? socket.get()) ?? "/nonexistent") { [weak self] in
      _ = try socket.get()
      try await self?.connected(to: server)
    }
    if case .success = socket { engines[server] = engine }
    return engine
  }

  private static func shortName(_ server: UUID) -> String {
    String(server.uuidString.lowercased().filter { $0 != "-" }.prefix(12))
  }

  // MARK: - Links

  /// The server, connected. A connection that was lost comes back by itself.
  ///
  /// - Throws: `HostingError`, `SSHError`, `HostError` where it cannot be reached, or was not validated.
  func link(to server: UUID) async throws -> Link {
    if let task = links[server] { return try await task.value }
    return try await newLink(to: server, takingOver: false)
  }

  /// Connects anew and owns the server from there on, whoever owned it before.
  func takeOver(_ server: UUID) async throws -> Link {
    await close(server)
    return try await newLink(to: server, takingOver: true)
  }

  /// Ends the connection to `server`, and what runs through it. The next use makes a new one.
  func close(_ server: UUID) async {
    guard let task = links.removeValue(forKey: server) else { return }
    task.cancel()
    if let link = try? await task.value { await link.connection.close() }
  }

  /// Ends every connection.
  func closeAll() async {
    for server in links.keys { await close(server) }
  }

  /// Returns when the server is connected.
  private func connected(to server: UUID) async throws {
    try await link(to: server).connection.connect()
  }

  private func newLink(to server: UUID, takingOver: Bool) async throws -> Link {
    let task = Task { try await open(server, takingOver: takingOver) }
    links[server] = task
    do {
      return try await task.value
    } catch {
      if links[server] == task { links[server] = nil }
      throw error
    }
  }

  private func open(_ id: UUID, takingOver: Bool) async throws -> Link {
    guard let server = try await store.get(id, database) else {
      throw HostingError(
        .notFound, "The server was removed.", suggestion: "List what there is: odeum server list")
    }
    guard takingOver || server.isUsable else { throw HostingError.notValidated(server.name) }
    let folder = try connectionsFolder()
    let way = try await Hosting.wayIn(
      to: server, store: store, masterKey: masterKey, folder: folder, database)
    do {
      return try await open(server, way, epoch: try await epoch(of: id), folder)
    } catch let error where takingOver && error.newestEpoch != nil {
      // An older state of our database was restored, say. Whoever validates a server wants it to be this one's.
      epochs[id] = try await store.raiseEpoch(id, above: error.newestEpoch ?? 0, database)
      return try await open(server, way, epoch: try await epoch(of: id), folder)
    }
  }

  private func open(_ server: Server, _ way: WayIn, epoch: Int, _ folder: String) async throws -> Link {
    let fence = Fence(folder: OdeumFolders.ofInstallation(installation))
    let connection = way.connection(folder: folder, owner: FenceOwner(fence: fence, epoch: epoch))
    do {
      try await connection.connect()
      let host = SSHHost(connection)
      try await fence.raise(to: epoch, on: host)
      let socket = "\(folder)/\(Self.shortName(server.id)).sock"
      _ = try await connection.forward(DockerEngine.defaultSocket, to: socket)
      return Link(connection: connection, host: fence.host(host, under: epoch), dockerSocket: socket)
    } catch {
      await connection.close()
      throw error
    }
  }

  /// The epoch under which this process owns the server: a new one at its first use.
  private func epoch(of server: UUID) async throws -> Int {
    if let epoch = epochs[server] { return epoch }
    let epoch = try await store.raiseEpoch(server, database)
    epochs[server] = epoch
    return epoch
  }

  // MARK: - Visits

  /// Signs in to `server` for the length of `body`, beside the connection that is kept: for looking at a server that
  /// nobody has validated, and for making it fit.
  ///
  /// - Throws: what `body` throws; `SSHError` where the server cannot be reached.
  func visit<Result: Sendable>(
    _ server: Server, _ body: @Sendable (ServerVisit) async throws -> Result
  ) async throws -> Result {
    guard server.kind == .ssh else {
      return try await body(
        ServerVisit(
          server: server, host: local, user: NSUserName(), engine: localEngine,
          dockerSocket: configuration.dockerSocket))
    }
    let folder = try connectionsFolder()
    let way = try await Hosting.wayIn(
      to: server, store: store, masterKey: masterKey, folder: folder, database)
    let connection = way.connection(folder: folder)
    do {
      try await connection.connect()
      let socket = "\(folder)/\(UUID().uuidString.prefix(8)).sock"
      let forwarding = ForwardOnce(connection, to: socket)
      let engine = DockerEngine(socket: socket) { try await forwarding.ensure() }
      let result = try await body(
        ServerVisit(
          server: server, host: SSHHost(connection), user: way.target.user, engine: engine,
          dockerSocket: DockerEngine.defaultSocket))
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  /// A folder in which files of connections may be made.
  func connectionsFolder() throws -> String {
    if let folder { return folder.path }
    let new = try ConnectionsFolder(in: configuration.connectionsFolder)
    folder = new
    return new.path
  }
}

/// Forwards the engine's socket when it is first asked for.
private actor ForwardOnce {
  private let connection: SSHConnection
  private let socket: String
  private var forwarding: Task<Void, any Error>?

  init(_ connection: SSHConnection, to socket: String) {
    self.connection = connection
    self.socket = socket
  }

  func ensure() async throws {
    let task =
      forwarding
      ?? Task { [connection, socket] in
        _ = try await connection.forward(DockerEngine.defaultSocket, to: socket)
      }
    forwarding = task
    try await task.value
  }
}

/// A server that somebody is signed in to for a while.
struct ServerVisit: Sendable {
  let server: Server
  let host: any Remote.Host
  /// As whom.
  let user: String
  /// Its Docker engine, which may not be there.
  let engine: DockerEngine
  /// Where the engine's socket is on the server.
  let dockerSocket: String
}

/// A server as the fleet reaches it: connected when a command is run.
struct FleetHost: Remote.Host {
  let name: String
  let server: UUID
  let fleet: Fleet
  var mostlyWaits = false

  var forWaiting: any Remote.Host { FleetHost(name: name, server: server, fleet: fleet, mostlyWaits: true) }

  func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    let host = try await fleet.link(to: server).host
    return try await (mostlyWaits ? host.forWaiting : host).run(
      command, deadline: deadline, outputLimit: outputLimit)
  }
}

/// The folders of Odeum on a server.
enum OdeumFolders {
  /// For whatever belongs to no instance.
  static let root = "/var/lib/odeum"

  /// What one installation keeps there: who owns the server, and what runs on its own.
  static func ofInstallation(_ id: UUID) -> String { "\(root)/\(id.uuidString.lowercased())" }

  /// Work that runs on the server by itself.
  static func tasks(_ installation: UUID) -> String { "\(ofInstallation(installation))/tasks" }
}

extension HostingError {
  /// Nothing is done on a server that was not validated as it is reached now.
  static func notValidated(_ name: String) -> HostingError {
    HostingError(
      .unavailable, "\(name) was not validated since the way to it was set.",
      suggestion: "Validate it: odeum server validate \(name)")
  }
}

extension Error {
  /// The epoch of the owner that this error tells of.
  fileprivate var newestEpoch: Int? {
    if case .staleEpoch(_, _, let newest)? = self as? HostError { return newest }
    if case .staleEpoch(_, _, let newest)? = self as? SSHError { return newest }
    return nil
  }
}
