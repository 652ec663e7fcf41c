import Foundation
import Jobs
import JobsTesting
import Postgres

@testable import Hosting

/// Keeps servers in memory.
struct MemoryServerStore: ServerStore, MemoryStore {
  let tables: MemoryTables

  private func update(
    _ id: UUID, _ transaction: (any Transaction)?, _ body: (inout MemoryTables.ServerRow) -> Void
  ) async throws {
    try await run(transaction) { _ = tables.updateServer(id, $0, body) }
  }

  /// The server with what other tables say of it.
  private func server(_ row: MemoryTables.ServerRow, _ transaction: MemoryTransaction) -> Server {
    var server = row.server
    server.activeJob = tables.activeJob(server.id, transaction)
    server.load = load(of: server, transaction) { _ in true }
    return server
  }

  private func load(
    of server: Server, _ transaction: MemoryTransaction, where isMeant: (Instance) -> Bool
  ) -> ServerLoad {
    var load = ServerLoad()
    for instance in (tables.instances.get(server.id, in: transaction) ?? [:]).values.map(\.instance)
    where isMeant(instance) {
      load.add(
        instance.settings.demand(stage: instance.stage, cores: server.facts.cores ?? 1), instance.stage)
    }
    return load
  }

  func load(
    of servers: [Server], by organisation: UUID, only ids: [UUID]?, _ transaction: (any Transaction)?
  ) async throws -> [UUID: ServerLoad] {
    try await run(transaction) { transaction in
      servers.reduce(into: [:]) { loads, server in
        let load = load(of: server, transaction) {
          $0.organisationID == organisation && ids?.contains($0.id) ?? true
        }
        if load != ServerLoad() { loads[server.id] = load }
      }
    }
  }

  private func servers(
    _ transaction: (any Transaction)?, where isMeant: (MemoryTables.ServerRow) -> Bool
  ) async throws -> [Server] {
    try await run(transaction) { transaction in
      tables.servers.all(in: transaction).map(\.row).filter { !$0.isRemoved && isMeant($0) }
        .sorted { $0.server.name < $1.server.name }.map { server($0, transaction) }
    }
  }

  private func isVisible(_ row: MemoryTables.ServerRow, to organisation: UUID, _ isOperator: Bool) -> Bool {
    row.server.organisationID == organisation || (row.server.organisationID == nil && isOperator)
      || row.shares.contains(organisation)
  }

  func list(for organisation: UUID, isOperator: Bool, _ transaction: (any Transaction)?) async throws
    -> [Server]
  {
    try await servers(transaction) { isVisible($0, to: organisation, isOperator) }
  }

  func find(
    _ reference: String, for organisation: UUID, isOperator: Bool, _ transaction: (any Transaction)?
  ) async throws -> Server? {
    let found = try await servers(transaction) {
      ($0.server.name == reference || $0.server.id == UUID(uuidString: reference))
        && isVisible($0, to: organisation, isOperator)
    }
    return found.first { $0.organisationID == organisation } ?? found.first
  }

  func all(_ transaction: (any Transaction)?) async throws -> [Server] {
    try await servers(transaction) { $0.server.isUsable }
  }

  func watchable(_ transaction: (any Transaction)?) async throws -> [(id: UUID, name: String)] {
    try await run(transaction) { transaction in
      tables.servers.all(in: transaction).map(\.row).filter { !$0.isRemoved && $0.server.isUsable }
        .map { ($0.server.id, $0.server.name) }.sorted { $0.1 < $1.1 }
    }
  }

  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Server? {
    try await run(transaction) { transaction in
      guard let row = tables.servers.get(id, in: transaction), !row.isRemoved else { return nil }
      return server(row, transaction)
    }
  }

  func insert(_ server: Server, privateKey: Data, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) { transaction in
      try refuseTaken(server, transaction)
      tables.servers.set(
        server.id, MemoryTables.ServerRow(server: server, privateKey: privateKey), in: transaction)
    }
  }

  private func refuseTaken(_ server: Server, _ transaction: MemoryTransaction) throws {
    for (id, row) in tables.servers.all(in: transaction)
    where id != server.id && !row.isRemoved && row.server.organisationID == server.organisationID {
      if row.server.name == server.name { throw MemoryTables.taken("servers_name") }
      if row.server.kind == .ssh, server.kind == .ssh, row.server.access?.port == server.access?.port,
        row.server.address.lowercased() == server.address.lowercased()
      {
        throw MemoryTables.taken("servers_address")
      }
    }
  }

  func update(
    _ server: Server, privateKey: Data?, isReachedAnew: Bool, _ transaction: (any Transaction)?
  ) async throws {
    try await run(transaction) { transaction in
      try refuseTaken(server, transaction)
      tables.updateServer(server.id, transaction) { row in
        var new = server
        (new.mode, new.facts, new.seenAt, new.absence) = (
          row.server.mode, row.server.facts, row.server.seenAt, row.server.absence
        )
        (new.sharedFolders, new.filestoreFolders) = (row.server.sharedFolders, row.server.filestoreFolders)
        (new.validatedAt, new.status, new.statusReason) = (
          row.server.validatedAt, row.server.status, row.server.statusReason
        )
        if isReachedAnew {
          new.validatedAt = nil
          new.status = .unavailable
          new.statusReason = "The way to it was changed, and it was not validated since."
        }
        row.server = new
        row.privateKey = privateKey ?? row.privateKey
      }
    }
  }

  func setShares(_ id: UUID, _ organisations: [UUID], _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.shares = Set(organisations) }
  }

  func setFolders(
    _ id: UUID, shared: [HostFolder], filestores: [HostFolder], _ transaction: (any Transaction)?
  ) async throws {
    try await update(id, transaction) {
      ($0.server.sharedFolders, $0.server.filestoreFolders) = (shared, filestores)
    }
  }

  func hold(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    guard try await get(id, transaction) == nil else { return }
    throw HostingError(.conflict, "The server was removed meanwhile.", suggestion: "Choose another one.")
  }

  func setMode(_ id: UUID, _ mode: Server.Mode, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.server.mode = mode }
  }

  func setSeen(
    _ id: UUID, _ status: Server.Status, reason: String, facts: ServerFacts?,
    _ transaction: (any Transaction)?
  ) async throws {
    try await update(id, transaction) { row in
      row.server.status = status
      row.server.statusReason = reason
      if status == .ready { row.server.seenAt = Date() }
      row.server.facts = facts ?? row.server.facts
    }
  }

  func setValidated(_ id: UUID, at date: Date?, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.server.validatedAt = date }
  }

  func machine(of id: UUID, _ transaction: (any Transaction)?) async throws -> String? {
    try await run(transaction) { tables.servers.get(id, in: $0)?.machine }
  }

  func setMachine(_ id: UUID, _ machine: String, _ transaction: (any Transaction)?) async throws {
    guard try await server(withMachine: machine, but: id, transaction) == nil else {
      throw MemoryTables.taken("servers_machine")
    }
    try await update(id, transaction) { $0.machine = machine }
  }

  func server(withMachine machine: String, but id: UUID, _ transaction: (any Transaction)?) async throws
    -> Server?
  {
    try await servers(transaction) { $0.machine == machine && $0.server.id != id }.first
  }

  func privateKey(of id: UUID, _ transaction: (any Transaction)?) async throws -> Data? {
    try await run(transaction) { tables.servers.get(id, in: $0)?.privateKey }
  }

  func bury(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) { transaction in
      tables.updateServer(id, transaction) { row in
        row.isRemoved = true
        row.privateKey = nil
        row.machine = nil
        row.shares = []
      }
      for (key, _) in tables.prepared.all(in: transaction) where key.server == id {
        tables.prepared.set(key, nil, in: transaction)
      }
      tables.strays.set(id, nil, in: transaction)
    }
  }

  func names(of ids: [UUID], _ transaction: (any Transaction)?) async throws -> [UUID: String] {
    try await run(transaction) { transaction in
      ids.reduce(into: [:]) { $0[$1] = tables.servers.get($1, in: transaction)?.server.name }
    }
  }
}

/// Keeps in memory which job makes a prepared database.
struct MemoryPreparedDatabaseStore: PreparedDatabaseStore, MemoryStore {
  let tables: MemoryTables

  func claim(_ prepared: PreparedDatabase, on server: UUID, job: UUID, _ transaction: (any Transaction)?)
    async throws -> PreparedDatabaseClaim
  {
    try await run(transaction) { transaction in
      let key = MemoryTables.PreparedKey(server: server, key: prepared.key)
      if let row = tables.prepared.get(key, in: transaction) {
        if row.isReady { return .ready }
        guard row.job == job || !tables.isActive(row.job, transaction) else { return .others }
      }
      tables.prepared.set(key, MemoryTables.PreparedRow(job: job), in: transaction)
      return .mine
    }
  }

  /// Transactions in memory come one after the other.
  func lock(_ key: String, on server: UUID, _ transaction: (any Transaction)?) async throws {}

  func isKnown(_ key: String, on server: UUID, _ transaction: (any Transaction)?) async throws -> Bool {
    try await run(transaction) { tables.prepared.get(.init(server: server, key: key), in: $0) != nil }
  }

  func isMaking(
    _ prepared: PreparedDatabase, on server: UUID, job: UUID, _ transaction: (any Transaction)?
  ) async throws -> Bool {
    try await run(transaction) { transaction in
      let row = tables.prepared.get(.init(server: server, key: prepared.key), in: transaction)
      return row.map { $0.job == job && !$0.isReady } ?? false
    }
  }

  func setReady(_ prepared: PreparedDatabase, on server: UUID, _ transaction: (any Transaction)?) async throws
  {
    try await run(transaction) {
      _ = tables.prepared.update(.init(server: server, key: prepared.key), in: $0) { $0.isReady = true }
    }
  }

  func forget(_ prepared: PreparedDatabase, on server: UUID, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) {
      tables.prepared.set(.init(server: server, key: prepared.key), nil, in: $0)
    }
  }

  func keys(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<String> {
    try await run(transaction) { tables.preparedKeys(on: server, $0) }
  }
}

/// Keeps in memory what is away of servers.
struct MemoryServerAbsenceStore: ServerAbsenceStore, MemoryStore {
  let tables: MemoryTables

  func known(of server: UUID, _ transaction: (any Transaction)?) async throws -> Reachability.State {
    try await run(transaction) { transaction in
      guard let row = tables.servers.get(server, in: transaction)?.server, let absence = row.absence else {
        return .present
      }
      return .absent(absence, reason: row.statusReason)
    }
  }

  func setPresent(_ server: UUID, facts: ServerFacts?) async throws {
    try await run(nil) { transaction in
      _ = tables.updateServer(server, transaction) { row in
        row.server.status = .ready
        row.server.statusReason = "Docker answers."
        row.server.absence = nil
        row.server.seenAt = Date()
        row.server.facts = facts ?? row.server.facts
      }
    }
  }

  func setAbsent(_ server: UUID, _ absence: Reachability.Absence, reason: String) async throws {
    try await run(nil) { transaction in
      _ = tables.updateServer(server, transaction) { row in
        row.server.status = .unavailable
        row.server.statusReason = reason
        row.server.absence = absence
      }
    }
  }
}

/// Keeps strays in memory.
struct MemoryStrayStore: StrayStore, MemoryStore {
  let tables: MemoryTables

  func all(_ transaction: (any Transaction)?) async throws -> [Stray] {
    try await run(transaction) { transaction in
      tables.strays.all(in: transaction).flatMap { Array($0.row.values) }
        .sorted { ($0.serverName, $0.name, $0.kind.rawValue) < ($1.serverName, $1.name, $1.kind.rawValue) }
    }
  }

  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Stray? {
    try await all(transaction).first { $0.id == id }
  }

  func note(_ strays: [SeenThing], on server: UUID, withFolders: Bool) async throws {
    try await run(nil) { transaction in
      let known = tables.strays.get(server, in: transaction) ?? [:]
      guard !known.isEmpty || !strays.isEmpty else { return }
      var now = known.filter { $0.key.kind == .folder && !withFolders }
      let name = tables.servers.get(server, in: transaction)?.server.name ?? ""
      for thing in strays {
        guard let kind = Stray.Kind(rawValue: thing.kind.rawValue) else { continue }
        let key = MemoryTables.StrayKey(kind: kind, thing: thing.id)
        let before = known[key]
        now[key] = Stray(
          id: before?.id ?? UUID(), server: server, serverName: name, kind: kind, thing: thing.id,
          name: thing.name, labels: thing.labels, firstSeen: before?.firstSeen ?? Date(), lastSeen: Date())
      }
      tables.strays.set(server, now, in: transaction)
    }
  }

  func forget(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) { transaction in
      for (server, strays) in tables.strays.all(in: transaction)
      where strays.values.contains(where: { $0.id == id }) {
        tables.strays.set(server, strays.filter { $0.value.id != id }, in: transaction)
      }
    }
  }
}
