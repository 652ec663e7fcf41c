import Client
import Hosting

extension API.Server {
  init(_ server: Server) {
    let facts = server.facts
    self.init(
      id: server.id, name: server.name, kind: server.kind.rawValue, mode: server.mode.rawValue,
      status: server.status.rawValue, statusReason: server.statusReason, address: server.address,
      owner: server.organisationID == nil ? "operator" : "organisation",
      stagePolicy: server.stagePolicy.rawValue)
    absence = server.absence?.rawValue
    seenAt = server.seenAt
    validatedAt = server.validatedAt
    activeJob = server.activeJob
    port = server.access?.port
    user = server.access?.user
    hostKeys = server.access?.hostKeys.map(API.HostKey.init)
    publicKey = server.access?.publicKey
    sharedWith = server.sharedWith
    exposed = server.exposed
    note = server.note
    sharedFolders = server.sharedFolders.map(\.text)
    filestoreFolders = server.filestoreFolders.map(\.text)
    os = facts.os
    architecture = facts.architecture
    docker = facts.docker
    cores = facts.cores
    if let one = facts.loadOne, let five = facts.loadFive, let fifteen = facts.loadFifteen {
      load = [one, five, fifteen]
    }
    memoryMB = facts.memoryMB
    memoryAvailableMB = facts.memoryAvailableMB
    swapMB = facts.swapMB
    swapFreeMB = facts.swapFreeMB
    diskMB = facts.diskMB
    diskFreeMB = facts.diskFreeMB
    inodes = facts.inodes
    inodesFree = facts.inodesFree
    instances = server.instances
    stages = Dictionary(
      uniqueKeysWithValues: Stage.allCases.map { ($0.rawValue, server.load.stages[$0] ?? 0) })
    reservedMemoryMB = server.load.memoryMB
    reservedWorkers = server.load.workers
  }
}

extension API.HostKey {
  init(_ key: PinnedHostKey) { self.init(type: key.type, fingerprint: key.fingerprint) }
}

extension API.ChangedServer {
  init(_ changed: ChangedServer) {
    self.init(
      server: API.Server(changed.server), job: changed.operation.map(API.Job.init), notes: changed.notes)
  }
}

extension API.Placement {
  init(_ suggestion: Placement.Suggestion) {
    self.init(
      server: API.ServerReference(id: suggestion.server.id, name: suggestion.server.name),
      possible: suggestion.isPossible, reasons: suggestion.reasons, warnings: suggestion.warnings)
  }
}

extension NewServer {
  /// - Throws: `HostingError` with code `invalid` where `owner` is neither word.
  init(_ wish: API.AddServer) throws {
    self.init(name: wish.name, address: wish.address)
    port = wish.port
    user = wish.user
    hostKey = wish.hostKey
    signIn(withKey: wish.privateKey, orPassword: wish.password)
    switch wish.owner ?? "organisation" {
    case "organisation": isOperators = false
    case "operator": isOperators = true
    default:
      let message =
        "A server belongs to the organisation or the operator, and “\(wish.owner ?? "")” is neither."
      throw HostingError(
        .invalid, message, suggestion: "Choose organisation or operator.", fields: [.init("owner", message)])
    }
    sharedWith = wish.sharedWith
    exposed = wish.exposed ?? false
    stagePolicy = wish.stagePolicy
    note = wish.note
    sharedFolders = wish.sharedFolders ?? []
    filestoreFolders = wish.filestoreFolders ?? []
  }
}

extension ServerChange {
  init(_ change: API.ChangeServer) {
    self.init()
    name = change.name
    address = change.address
    port = change.port
    user = change.user
    hostKey = change.hostKey
    replaceKey(with: change.privateKey)
    sharedWith = change.sharedWith
    exposed = change.exposed
    stagePolicy = change.stagePolicy
    note = change.note
    sharedFolders = change.sharedFolders
    filestoreFolders = change.filestoreFolders
  }
}
