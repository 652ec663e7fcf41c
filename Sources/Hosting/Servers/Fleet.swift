import Docker
import Foundation
import Jobs
import Remote

/// The way to every server: its host and its Docker engine, opened when they are first needed and kept.
///
/// Whoever acts on a server over SSH does so under the epoch of its lane: the connection raises that epoch on the
/// server first, which ends what an older owner had open there, and everything is refused there once a newer owner
/// has come. Whoever only looks has a connection without one. The Docker engine comes through the connection as a
/// socket. On the machine of the control plane a gate takes the part of sshd.
actor Fleet {
  /// A server that is connected.
  struct Link: Sendable {
    let connection: any ServerConnection
    /// The host; under an epoch, as its present owner may use it.
    let host: any Remote.Host
  }

  /// Which connection to a server: that of its owner of an epoch, or the one for looking.
  private struct LinkKey: Hashable {
    var server: UUID
    var epoch: Int?

    /// What its engine is brought as.
    var engineName: String {
      let short = server.uuidString.lowercased().filter { $0 != "-" }.prefix(12)
      return epoch.map { "\(short)-\($0).sock" } ?? "\(short).sock"
    }
  }

  private let configuration: HostingConfiguration
  private let installation: UUID
  private let connector: any ServerConnector
  private let held: HeldServers
  private let jobs: JobQueue
  private let store: any ServerStore
  private var links: [LinkKey: Task<Link, any Error>] = [:]
  private var engines: [LinkKey: DockerEngine] = [:]
  /// The epochs that were raised on servers from here: older owners have come to their end there.
  private var raised: [UUID: Int] = [:]
  /// Agreeing on keys is work for both ends. Where all servers are connected at once, after a start, nobody would be
  /// done in time on a busy machine, and everybody would begin anew.
  private let connecting = SessionSlots(max(8, 2 * ProcessInfo.processInfo.activeProcessorCount))
  /// How long a connection counts as being made: what takes longer waits for its server and is no work here.
  private static let longestWork = Duration.seconds(5)

  init(
    configuration: HostingConfiguration, installation: UUID, servers: any ServerStore, jobs: JobQueue,
    connector: any ServerConnector, held: HeldServers
  ) {
    self.configuration = configuration
    self.installation = installation
    store = servers
    self.jobs = jobs
    self.connector = connector
    self.held = held
  }

  /// The runtime on `server` for acting under `epoch`. Nothing is connected before it is used.
  func runtime(on server: ServerReference, epoch: Int?) -> DockerRuntime {
    let key = LinkKey(server: server.id, epoch: epoch)
    let isConnected = server.kind == .ssh || (connector.hasGate && epoch != nil)
    return DockerRuntime(
      engine: isConnected ? engine(key) : connector.localEngine,
      host: isConnected
        ? FleetHost(name: server.name, server: server.id, epoch: epoch, fleet: self) : connector.local,
      server: server, installation: installation, configuration: configuration)
  }

  /// The runtime on `server` for looking: what is seen through it may be acted on by another process.
  func looking(at server: ServerReference) -> DockerRuntime { runtime(on: server, epoch: nil) }

  private func engine(_ key: LinkKey) -> DockerEngine {
    if let engine = engines[key] { return engine }
    do {
      let engine = try connector.engine(as: key.engineName) { [weak self] in
        try await self?.link(to: key.server, epoch: key.epoch).connection.connect()
      }
      engines[key] = engine
      return engine
    } catch {
      return DockerEngine(socket: "/nonexistent") { throw error }
    }
  }

  // MARK: - Links

  /// The server, connected. A connection that was lost comes back by itself.
  ///
  /// - Throws: `HostError.staleEpoch` where this process does not own the server under `epoch` any more;
  ///   `HostingError`, `SSHError`, `HostError` where it cannot be reached, or was not validated.
  func link(to server: UUID, epoch: Int?) async throws -> Link {
    let key = LinkKey(server: server, epoch: epoch)
    while true {
      if let epoch, held.epoch(of: server) != epoch {
        await close(key)
        throw HostError.staleEpoch(
          host: try await store.get(server, atOnce)?.name ?? "the server", epoch: epoch,
          newest: held.epoch(of: server) ?? epoch + 1)
      }
      do {
        if let task = links[key] { return try await task.value }
        return try await newLink(key, isNewcomer: false)
      } catch is CancellationError {
        // Where it is not ours, the link was closed while it was made. The next one may stay.
        try Task.checkCancellation()
      }
    }
  }

  /// Connects anew and owns the server from there on, whoever owned it before: an older state of our database was
  /// restored, say. Whoever validates a server wants it to be this control plane's.
  ///
  /// - Returns: the epoch under which it is owned now.
  func takeOver(_ server: UUID, epoch: Int) async throws -> Int {
    await close(server)
    do {
      _ = try await newLink(LinkKey(server: server, epoch: epoch), isNewcomer: true)
      return epoch
    } catch {
      let higher = try await outdo(error, on: server, from: epoch)
      _ = try await newLink(LinkKey(server: server, epoch: higher), isNewcomer: true)
      return higher
    }
  }

  /// Raises the epoch under which `server` is held here above the one of which `error` tells.
  ///
  /// - Returns: the new epoch.
  /// - Throws: `error` where it tells of none, or where another process holds the server by now.
  func outdo(_ error: any Error, on server: UUID, from epoch: Int) async throws -> Int {
    guard let newest = error.newestEpoch,
      let higher = try await jobs.raiseEpoch(of: server, from: epoch, above: newest)
    else { throw error }
    held.raise(server, to: higher)
    return higher
  }

  /// Whether acting on a server of this kind needs a connection that others can end.
  func isFenced(_ kind: Server.Kind) -> Bool { kind == .ssh || connector.hasGate }

  /// Ends the connections to `server`, and what runs through them. The next use makes a new one.
  func close(_ server: UUID) async {
    for key in links.keys where key.server == server { await close(key) }
  }

  /// Ends every connection, at the end of the process.
  func closeAll() async {
    for key in links.keys { await close(key) }
  }

  private func close(_ key: LinkKey) async {
    engines[key] = nil
    guard let task = links.removeValue(forKey: key) else { return }
    task.cancel()
    if let link = try? await task.value { await link.connection.close() }
  }

  private func newLink(_ key: LinkKey, isNewcomer: Bool) async throws -> Link {
    // Whoever had to wait here for the end of a former link may meet a new one.
    while links[key] != nil { await close(key) }
    let task = Task { try await open(key, isNewcomer: isNewcomer) }
    links[key] = task
    do {
      return try await task.value
    } catch {
      if links[key] == task { links[key] = nil }
      throw error
    }
  }

  private func open(_ key: LinkKey, isNewcomer: Bool) async throws -> Link {
    guard let server = try await store.get(key.server, atOnce) else {
      throw HostingError(
        .notFound, "The server was removed.", suggestion: "List what there is: odeum server list")
    }
    guard isNewcomer || server.isUsable else { throw HostingError.notValidated(server.name) }
    let fence = fence(of: server)
    let connection = try await connector.connection(
      to: server, owner: key.epoch.map { FenceOwner(fence: fence, epoch: $0) })
    do {
      try await inTurn { try await connection.connect() }
      let host = connection.host
      if let epoch = key.epoch {
        try await fence.raise(to: epoch, on: host)
        raised[server.id] = epoch
      }
      try await connection.bringEngine(as: key.engineName)
      return Link(connection: connection, host: key.epoch.map { fence.host(host, under: $0) } ?? host)
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Where `server` keeps its epoch.
  private func fence(of server: Server) -> Fence {
    Fence(
      folder: server.kind == .ssh
        ? OdeumFolders.ofInstallation(installation) : OdeumFolders.here(installation, configuration))
  }

  /// Runs `connect` when few others are connecting.
  private func inTurn(_ connect: () async throws -> Void) async throws {
    // Who has waited so long connects in any case.
    let isInTurn = (try? await connecting.take(until: .now + .seconds(30))) != nil
    let leaving = Task { [connecting] in
      try? await Task.sleep(for: Self.longestWork)
      if isInTurn { await connecting.giveBack() }
    }
    // Wakes it: who is done makes room.
    defer { leaving.cancel() }
    try Task.checkCancellation()
    try await connect()
  }

  // MARK: - Visits

  /// Signs in to `server` for the length of `body`, beside the connection that is kept: for looking at a server that
  /// nobody has validated, and for making it fit.
  ///
  /// - Parameter epoch: that of who changes something there, where the folders of Odeum are by then; nil for who looks.
  /// - Throws: what `body` throws; `SSHError` where the server cannot be reached; under an epoch also
  ///   `HostError.staleEpoch` or `SSHError.staleEpoch`, where the server has a newer owner.
  func visit<Result: Sendable>(
    _ server: Server, under epoch: Int? = nil, _ body: @Sendable (ServerVisit) async throws -> Result
  ) async throws -> Result {
    let owner =
      isFenced(server.kind) ? epoch.map { FenceOwner(fence: fence(of: server), epoch: $0) } : nil
    guard server.kind == .ssh else {
      return try await body(
        ServerVisit(
          server: server, host: try await owned(connector.local, server.id, by: owner), user: NSUserName(),
          engine: connector.localEngine, dockerSocket: configuration.dockerSocket))
    }
    let connection = try await connector.connection(to: server, owner: owner)
    do {
      try await connection.connect()
      let host = try await owned(connection.host, server.id, by: owner)
      let name = "\(UUID().uuidString.prefix(8)).sock"
      let bringing = BringOnce(connection, as: name)
      let engine = try connector.engine(as: name) { try await bringing.ensure() }
      let result = try await body(
        ServerVisit(
          server: server, host: host, user: connection.user, engine: engine,
          dockerSocket: DockerEngine.defaultSocket))
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  /// `host` as `owner` may use it, with his epoch on it. Raising waits for the end of every command there, our own too,
  /// so it is done once.
  private func owned(
    _ host: any Remote.Host, _ server: UUID, by owner: FenceOwner?
  ) async throws -> any Remote.Host {
    guard let owner else { return host }
    let known = raised[server] == owner.epoch ? try await owner.fence.epoch(of: host) : nil
    if known != owner.epoch {
      try await owner.fence.raise(to: owner.epoch, on: host)
      raised[server] = owner.epoch
    }
    return owner.fence.host(host, under: owner.epoch)
  }

  /// A folder in which files of connections may be made.
  func connectionsFolder() throws -> String { try connector.folder() }
}

/// Brings the engine when it is first asked for.
private actor BringOnce {
  private let connection: any ServerConnection
  private let name: String
  private var bringing: Task<Void, any Error>?

  init(_ connection: any ServerConnection, as name: String) {
    self.connection = connection
    self.name = name
  }

  func ensure() async throws {
    let task = bringing ?? Task { [connection, name] in try await connection.bringEngine(as: name) }
    bringing = task
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
  let epoch: Int?
  let fleet: Fleet
  var mostlyWaits = false

  var forWaiting: any Remote.Host {
    FleetHost(name: name, server: server, epoch: epoch, fleet: fleet, mostlyWaits: true)
  }

  func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    let host = try await fleet.link(to: server, epoch: epoch).host
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

  /// Who owns the machine of the control plane. Every process there can write the folder of the instances.
  static func here(_ installation: UUID, _ configuration: HostingConfiguration) -> String {
    "\(configuration.instancesFolder)/.owners/\(installation.uuidString.lowercased())"
  }

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
