import Foundation
import Jobs
import Odoo
import Postgres

/// Keeps servers in PostgreSQL.
struct PostgresServerStore: ServerStore {
  let database: Database

  private func runner(_ transaction: (any Transaction)?) throws -> any SQLRunner {
    try database.runner(in: transaction)
  }

  private static let columns: SQL = """
    select s.id, s.name, s.kind, s.organisation_id, s.address, s.port, s.ssh_user, s.host_keys, s.public_key,
      s.exposed, s.mode, s.stage_policy, s.note, s.shared_folders, s.filestore_folders, s.status, s.status_reason, s.seen_at, s.validated_at, s.facts,
      s.absence, s.leads_anywhere, j.id as active_job,
      array(select o.slug from server_shares h join organisations o on o.id = h.organisation_id
        where h.server_id = s.id order by o.slug) as shared_with
    from servers s
      left join job j on j.subject = s.id and j.superseded_by is null
        and j.state in ('queued', 'running', 'snoozed')
    where s.removed_at is null
    """

  func list(for organisation: UUID, isOperator: Bool, _ transaction: (any Transaction)?) async throws
    -> [Server]
  {
    try await servers(Self.visible(to: organisation, isOperator), transaction)
  }

  func find(
    _ reference: String, for organisation: UUID, isOperator: Bool, _ transaction: (any Transaction)?
  ) async throws -> Server? {
    let named: SQL =
      if let id = UUID(uuidString: reference) { "(s.id = \(id) or s.name = \(reference))" } else {
        "s.name = \(reference)"
      }
    let found = try await servers("\(named) and \(Self.visible(to: organisation, isOperator))", transaction)
    // An organisation's own one, where the operator gives it another one of that name at the same moment.
    return found.first { $0.organisationID == organisation } ?? found.first
  }

  func all(_ transaction: (any Transaction)?) async throws -> [Server] {
    try await servers("(s.kind = 'local' or s.validated_at is not null)", transaction)
  }

  func watchable(_ transaction: (any Transaction)?) async throws -> [(id: UUID, name: String)] {
    try await runner(transaction).query(
      """
      select id, name from servers where removed_at is null and (kind = 'local' or validated_at is not null)
      order by name
      """
    ).map { (try $0.get("id"), try $0.get("name")) }
  }

  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Server? {
    try await servers("s.id = \(id)", transaction).first
  }

  private static func visible(to organisation: UUID, _ isOperator: Bool) -> SQL {
    """
    (s.organisation_id = \(organisation) or (s.organisation_id is null and \(isOperator))
      or exists (select from server_shares h where h.server_id = s.id and h.organisation_id = \(organisation)))
    """
  }

  private func servers(_ condition: SQL, _ transaction: (any Transaction)?) async throws -> [Server] {
    var servers = try await runner(transaction).query("\(Self.columns) and \(condition) order by s.name").map(
      Server.init)
    guard !servers.isEmpty else { return [] }
    let loads = try await loads(of: servers, "true", transaction)
    for index in servers.indices { servers[index].load = loads[servers[index].id] ?? ServerLoad() }
    return servers
  }

  func load(
    of servers: [Server], by organisation: UUID, only ids: [UUID]?, _ transaction: (any Transaction)?
  ) async throws -> [UUID: ServerLoad] {
    let isMeant: SQL = if let ids { "id = any(\(ids))" } else { "true" }
    return try await loads(of: servers, "organisation_id = \(organisation) and \(isMeant)", transaction)
  }

  private func loads(
    of servers: [Server], _ condition: SQL, _ transaction: (any Transaction)?
  ) async throws -> [UUID: ServerLoad] {
    let cores = Dictionary(uniqueKeysWithValues: servers.map { ($0.id, $0.facts.cores ?? 1) })
    var loads: [UUID: ServerLoad] = [:]
    for row in try await runner(transaction).query(
      """
      select server_id, stage, settings from instances
      where server_id = any(\(Array(cores.keys))) and removed_at is null and \(condition)
      """
    ) {
      let server: UUID = try row.get("server_id")
      let stage: Stage = try row.get("stage")
      let settings = try row.get("settings", json: InstanceSettings.self)
      loads[server, default: ServerLoad()].add(
        settings.demand(stage: stage, cores: cores[server] ?? 1), stage)
    }
    return loads
  }

  // MARK: - Writing

  func insert(_ server: Server, privateKey: Data, _ transaction: (any Transaction)?) async throws {
    let access = server.access
    try await runner(transaction).execute(
      """
      insert into servers (id, name, kind, organisation_id, address, port, ssh_user, host_keys, public_key,
        private_key, exposed, mode, stage_policy, note, status, status_reason, leads_anywhere,
        shared_folders, filestore_folders)
      values (\(server.id), \(server.name), \(server.kind.rawValue), \(server.organisationID), \(server.address),
        \(access?.port ?? 22), \(access?.user), \(json: access?.hostKeys ?? []), \(access?.publicKey), \(privateKey),
        \(server.exposed), \(server.mode.rawValue), \(server.stagePolicy.rawValue), \(server.note),
        \(server.status.rawValue), \(server.statusReason), \(server.leadsAnywhere),
        \(json: server.sharedFolders), \(json: server.filestoreFolders))
      """)
  }

  func update(
    _ server: Server, privateKey: Data?, isReachedAnew: Bool, _ transaction: (any Transaction)?
  ) async throws {
    let access = server.access
    try await runner(transaction).execute(
      """
      update servers set name = \(server.name), address = \(server.address), port = \(access?.port ?? 22),
        ssh_user = \(access?.user), host_keys = \(json: access?.hostKeys ?? []), public_key = \(access?.publicKey),
        private_key = coalesce(\(privateKey), private_key), exposed = \(server.exposed),
        stage_policy = \(server.stagePolicy.rawValue), note = \(server.note),
        leads_anywhere = \(server.leadsAnywhere),
        validated_at = case when \(isReachedAnew) then null else validated_at end,
        status = case when \(isReachedAnew) then 'unavailable' else status end,
        status_reason = case when \(isReachedAnew)
          then 'The way to it was changed, and it was not validated since.' else status_reason end
      where id = \(server.id) and removed_at is null
      """)
  }

  func setShares(_ id: UUID, _ organisations: [UUID], _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("delete from server_shares where server_id = \(id)")
    try await runner(transaction).execute(
      """
      insert into server_shares (server_id, organisation_id)
      select \(id), new.id from unnest(\(organisations)) as new (id)
      """)
  }

  func setFolders(
    _ id: UUID, shared: [HostFolder], filestores: [HostFolder], _ transaction: (any Transaction)?
  ) async throws {
    try await runner(transaction).execute(
      """
      update servers set shared_folders = \(json: shared), filestore_folders = \(json: filestores)
      where id = \(id) and removed_at is null
      """)
  }

  func hold(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    let held = try await runner(transaction).query(
      "select from servers where id = \(id) and removed_at is null for share")
    guard held.isEmpty else { return }
    throw HostingError(.conflict, "The server was removed meanwhile.", suggestion: "Choose another one.")
  }

  func setMode(_ id: UUID, _ mode: Server.Mode, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      "update servers set mode = \(mode.rawValue) where id = \(id) and removed_at is null")
  }

  func setSeen(
    _ id: UUID, _ status: Server.Status, reason: String, facts: ServerFacts?,
    _ transaction: (any Transaction)?
  ) async throws {
    let known: SQL = if let facts { "\(json: facts)" } else { "facts" }
    try await runner(transaction).execute(
      """
      update servers set status = \(status.rawValue), status_reason = \(reason),
        seen_at = case when \(status == .ready) then now() else seen_at end,
        facts = \(known)
      where id = \(id)
      """)
  }

  func setValidated(_ id: UUID, at date: Date?, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("update servers set validated_at = \(date) where id = \(id)")
  }

  func machine(of id: UUID, _ transaction: (any Transaction)?) async throws -> String? {
    try await runner(transaction).query("select machine_id from servers where id = \(id)").first?.get(
      "machine_id")
  }

  func setMachine(_ id: UUID, _ machine: String, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("update servers set machine_id = \(machine) where id = \(id)")
  }

  func server(withMachine machine: String, but id: UUID, _ transaction: (any Transaction)?) async throws
    -> Server?
  {
    try await servers("s.machine_id = \(machine) and s.id <> \(id)", transaction).first
  }

  func privateKey(of id: UUID, _ transaction: (any Transaction)?) async throws -> Data? {
    try await runner(transaction).query(
      "select private_key from servers where id = \(id) and removed_at is null"
    )
    .first?
    .get("private_key")
  }

  func bury(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      "update servers set removed_at = now(), private_key = null, machine_id = null where id = \(id)")
    try await runner(transaction).execute("delete from server_shares where server_id = \(id)")
    try await runner(transaction).execute("delete from prepared_databases where server_id = \(id)")
    try await runner(transaction).execute("delete from strays where server_id = \(id)")
  }

  func names(of ids: [UUID], _ transaction: (any Transaction)?) async throws -> [UUID: String] {
    try await runner(transaction).query("select id, name from servers where id = any(\(ids))").reduce(
      into: [:]) {
        $0[try $1.get("id", as: UUID.self)] = try $1.get("name", as: String.self)
      }
  }
}

extension Server {
  fileprivate init(_ row: Row) throws {
    kind = try row.get("kind")
    id = try row.get("id")
    name = try row.get("name")
    organisationID = try row.get("organisation_id")
    sharedWith = try row.get("shared_with")
    address = try row.get("address")
    exposed = try row.get("exposed")
    mode = try row.get("mode")
    stagePolicy = try row.get("stage_policy")
    note = try row.get("note")
    sharedFolders = try row.get("shared_folders", json: [HostFolder].self)
    filestoreFolders = try row.get("filestore_folders", json: [HostFolder].self)
    status = try row.get("status")
    statusReason = try row.get("status_reason")
    absence = try row.get("absence")
    leadsAnywhere = try row.get("leads_anywhere")
    seenAt = try row.get("seen_at")
    validatedAt = try row.get("validated_at")
    facts = try row.get("facts", json: ServerFacts.self)
    activeJob = try row.get("active_job")
    load = ServerLoad()
    access =
      kind == .local
      ? nil
      : ServerAccess(
        port: try row.get("port"), user: try row.get("ssh_user"),
        hostKeys: try row.get("host_keys", json: [PinnedHostKey].self), publicKey: try row.get("public_key"))
  }
}
