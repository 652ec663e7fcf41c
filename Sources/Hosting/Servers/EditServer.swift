import Foundation
import Postgres
import Remote

/// A wish to change a server: what is nil stays as it is.
public struct ServerChange: Sendable {
  /// See `NewServer.name`.
  public var name: String?
  /// See `NewServer.address`.
  public var address: String?
  /// See `NewServer.port`.
  public var port: Int?
  /// See `NewServer.user`.
  public var user: String?
  /// See `NewServer.hostKey`: needed where the server shows another key than before.
  public var hostKey: String?
  /// A private key in the place of the one that is kept.
  public var privateKey: Secret?
  /// See `NewServer.sharedWith`.
  public var sharedWith: [String]?
  /// See `NewServer.exposed`.
  public var exposed: Bool?
  /// See `NewServer.stagePolicy`.
  public var stagePolicy: String?
  /// See `NewServer.note`.
  public var note: String?
  /// See `Server.sharedFolders`; the whole list.
  public var sharedFolders: [String]?
  /// See `Server.filestoreFolders`; the whole list.
  public var filestoreFolders: [String]?

  /// A change of nothing yet.
  public init() {}

  /// Takes over another private key, as it came in: text.
  public mutating func replaceKey(with privateKey: String?) {
    self.privateKey = privateKey.map { Secret($0) }
  }

  /// Whether it concerns how the server is reached.
  var concernsAccess: Bool {
    address != nil || port != nil || user != nil || hostKey != nil || privateKey != nil
  }

  /// Whether it concerns the folders that the server offers.
  var concernsFolders: Bool { sharedFolders != nil || filestoreFolders != nil }
}

extension Hosting {
  /// Changes a server. Where the way to it changes, it is validated anew, and until then nothing is done on it.
  ///
  /// - Throws: `HostingError` as `addServer`; `conflict` also where an operation on it is under way, and where instances
  ///   use a folder that it would not offer any more.
  public func editServer(
    _ reference: String, _ change: ServerChange, by actor: Actor
  ) async throws -> ChangedServer {
    let server = try await controlled(reference, by: actor)
    var new = try server.taking(change, instancesFolder: configuration.instancesFolder)
    let shares = try await change.sharedWith.asyncMap { try await organisations($0) }
    if change.name != nil || change.sharedWith != nil || change.concernsAccess {
      let sharedWith = if let shares { shares } else { try await organisations(server.sharedWith) }
      try await refuseTaken(
        new.name, new.address, port: new.access?.port, owner: server.organisationID, sharedWith: sharedWith,
        but: server.id, by: actor)
    }
    var sealed: Data?
    if change.concernsAccess, let access = new.access {
      if let job = server.activeJob { throw HostingError.serverBusy(server, job) }
      let isMoved = new.address != server.address || access.port != server.access?.port
      new.leadsAnywhere = actor.isOperator || (server.leadsAnywhere && !isMoved)
      let target = try await new.addressPolicy(configuration).checked(
        SSHTarget(address: new.address, port: access.port, user: access.user))
      if let given = change.privateKey {
        let key = try await key(given, for: new.name, try await fleet.connectionsFolder())
        new.access?.publicKey = key.publicKey
        sealed = try masterKey.seal(key.privateKey, in: .serverKey, of: server.id)
      }
      new.access?.hostKeys = try await confirmedKeys(
        of: target, fingerprint: change.hostKey, pinned: access.hostKeys)
    }
    let isReachedAnew = new.address != server.address || new.access != server.access || sealed != nil
    let changed = new
    let privateKey = sealed
    let job = try await tellingTaken(new) {
      try await database.transaction { connection in
        try await serverStore.update(
          changed, privateKey: privateKey, isReachedAnew: isReachedAnew, connection)
        if let shares { try await serverStore.setShares(server.id, shares, connection) }
        if change.concernsFolders {
          try await serverStore.setFolders(
            server.id, shared: changed.sharedFolders, filestores: changed.filestoreFolders, connection)
          for use in FolderUse.allCases { try await refuseUsed(use, server, changed, by: actor, connection) }
        }
        if changed.exposed != server.exposed { try await instanceStore.announce(on: server.id, connection) }
        try await note(
          .editServer, .server(server), before: AuditedServer(server, sharedWith: server.sharedWith),
          after: AuditedServer(changed, sharedWith: change.sharedWith ?? server.sharedWith), by: actor,
          connection)
        return isReachedAnew
          ? try await request(ValidateServer(server: server.id), on: changed, by: actor, in: connection) : nil
      }
    }
    if isReachedAnew { await fleet.close(server.id) }
    var notes: [String] = []
    if new.exposed != server.exposed, server.instances > 0 {
      notes.append("Its instances take that over with their next hard restart.")
    }
    return ChangedServer(
      server: try await self.server(server.id.uuidString, by: actor),
      operation: try await job.asyncMap { try await operation($0, by: actor) }, notes: notes)
  }
}

extension Server {
  /// The server with `change` in it, found right; keys are not looked at.
  ///
  /// - Parameter instancesFolder: see `HostingConfiguration.instancesFolder`.
  /// - Throws: `HostingError` with code `invalid` that names every field at fault.
  func taking(
    _ change: ServerChange, instancesFolder: String = HostingConfiguration().instancesFolder
  ) throws -> Server {
    var faults = Faults()
    var new = self
    if let name = change.name { new.name = faults.serverName(name) ?? name }
    new.exposed = change.exposed ?? exposed
    if let policy = change.stagePolicy { new.stagePolicy = faults.stagePolicy(policy) ?? stagePolicy }
    if let note = change.note { new.note = faults.note(note) ?? note }
    if change.concernsFolders {
      (new.sharedFolders, new.filestoreFolders) = faults.folders(
        shared: change.sharedFolders, filestores: change.filestoreFolders, of: self, beside: instancesFolder)
    }
    if change.sharedWith != nil, organisationID != nil {
      faults.add("sharedWith", "Only servers of the operator are shared with organisations.")
    }
    if change.concernsAccess {
      if let access {
        let target = faults.target(
          address: change.address ?? address, port: change.port ?? access.port,
          user: change.user ?? access.user)
        new.address = target?.address ?? address
        new.access?.port = target?.port ?? access.port
        new.access?.user = target?.user ?? access.user
      } else {
        faults.add(
          "address", "\(name) is the machine of the control plane, and nothing leads to it over SSH.",
          suggestion: "The address of its instances is set by ODEUM_LOCAL_ADDRESS before the first start.")
      }
    }
    try faults.throwIfAny()
    return new
  }
}

extension HostingError {
  /// The server cannot be changed while something is done on it.
  static func serverBusy(_ server: Server, _ job: UUID) -> HostingError {
    HostingError(
      .conflict, "\(server.name) has a job under way.",
      suggestion: "Wait until that has ended: odeum job show \(job.uuidString.lowercased()) --follow")
  }
}
