import Foundation
import Jobs
import Odoo
import Postgres

/// Keeps instances in PostgreSQL.
struct PostgresInstanceStore: InstanceStore {
  let database: Database

  private func runner(_ transaction: (any Transaction)?) throws -> any SQLRunner {
    try database.runner(in: transaction)
  }

  /// What a row of `selection` is made of.
  private static let columns: SQL = """
    select i.id, i.organisation_id, i.server_id, s.name as server_name, s.address as server_address,
      s.exposed as server_exposed, s.kind as server_kind, i.name, i.host_name, i.version, i.edition, i.stage, i.base_port, i.origin, i.settings,
      i.settings_revision, i.applied_settings, i.applied_exposed, i.applied_stage, i.desired, i.status, i.status_reason, i.status_since, i.status_job,
      j.id as active_job, i.created_at, i.drift, s.seen_at,
      case when s.absence is not null then s.status_reason end as out_of_sight
    \(tables)
    """

  /// Living and gone instances with their servers, and with the job that is queued or under way.
  private static let tables: SQL = """
    from instances i join servers s on s.id = i.server_id
      left join job j on j.subject = i.id and j.superseded_by is null
        and j.state in ('queued', 'running', 'snoozed')
    """

  func find(_ reference: String, in organisation: UUID, _ transaction: (any Transaction)?) async throws
    -> Instance?
  {
    let named: SQL =
      if let id = UUID(uuidString: reference) { "(i.id = \(id) or i.name = \(reference))" } else {
        "i.name = \(reference)"
      }
    return try await runner(transaction).query(
      "\(Self.columns) where \(named) and i.organisation_id = \(organisation) and i.removed_at is null"
    ).first.map(Self.instance)
  }

  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Instance? {
    try await runner(transaction).query("\(Self.columns) where i.id = \(id) and i.removed_at is null").first
      .map(
        Self.instance)
  }

  func all(on server: UUID, _ transaction: (any Transaction)?) async throws -> [Instance] {
    try await runner(transaction).query(
      "\(Self.columns) where i.server_id = \(server) and i.removed_at is null order by i.name"
    )
    .map(Self.instance)
  }

  func identities(on server: UUID, _ transaction: (any Transaction)?) async throws -> [UUID] {
    try await runner(transaction).query(
      "select id from instances where server_id = \(server) and removed_at is null"
    ).map { try $0.get("id") }
  }

  func insert(_ instance: Instance, sealed: SealedSecrets, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      """
      insert into instances (id, organisation_id, server_id, name, host_name, version, edition, stage, base_port, origin,
        settings, database_password, master_password, desired, status, status_reason, status_job)
      values (\(instance.id), \(instance.organisationID), \(instance.server.id), \(instance.name.text),
        \(instance.hostName), \(instance.version.rawValue), \(instance.edition.rawValue), \(instance.stage.rawValue),
        \(instance.basePort), \(json: instance.origin), \(json: instance.settings), \(sealed.databasePassword),
        \(sealed.masterPassword), \(instance.desired.rawValue), \(instance.status.rawValue),
        \(instance.statusReason), \(instance.statusJob))
      """)
  }

  func setStatus(
    _ id: UUID, _ status: InstanceStatus, reason: String, job: UUID?, _ transaction: (any Transaction)?
  ) async throws {
    try await runner(transaction).execute(
      """
      update instances set status = \(status.rawValue), status_reason = \(reason), status_job = \(job),
        status_since = case when status = \(status.rawValue) then status_since else now() end
      where id = \(id) and removed_at is null
      """)
  }

  func setStatusUnlessRemoving(
    _ id: UUID, _ status: InstanceStatus, reason: String, _ transaction: (any Transaction)?
  ) async throws {
    let isRemoving = try await runner(transaction).query(
      "select from instances where id = \(id) and status = 'removing' for update")
    guard isRemoving.isEmpty else { return }
    // The job stays the one that was said when it was asked for.
    try await runner(transaction).execute(
      """
      update instances set status = \(status.rawValue), status_reason = \(reason),
        status_since = case when status = \(status.rawValue) then status_since else now() end
      where id = \(id) and removed_at is null
      """)
  }

  func correctStatus(
    _ id: UUID, from expected: InstanceStatus, to status: InstanceStatus, reason: String,
    _ transaction: (any Transaction)?
  ) async throws -> Bool {
    try await runner(transaction).execute(
      """
      update instances set status = \(status.rawValue), status_reason = \(reason), status_job = null,
        status_since = now()
      where id = \(id) and status = \(expected.rawValue) and removed_at is null
        and not exists (
          select from job where subject = \(id) and state in ('queued', 'running', 'snoozed'))
      """) > 0
  }

  func setBasePort(_ id: UUID, _ port: Int, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("update instances set base_port = \(port) where id = \(id)")
  }

  func setDesired(_ id: UUID, _ desired: DesiredState, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      "update instances set desired = \(desired.rawValue) where id = \(id)")
  }

  func setSettings(
    _ id: UUID, _ settings: InstanceSettings, expecting revision: Int, _ transaction: (any Transaction)?
  ) async throws -> Bool {
    try await runner(transaction).execute(
      """
      update instances set settings = \(json: settings), settings_revision = settings_revision + 1
      where id = \(id) and settings_revision = \(revision) and removed_at is null
      """) > 0
  }

  func given(_ id: UUID, _ transaction: (any Transaction)?) async throws -> GivenSettings? {
    try await runner(transaction).query("select given from instances where id = \(id)").first?
      .get("given", json: GivenSettings?.self)
  }

  func setGiven(_ id: UUID, _ given: GivenSettings, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("update instances set given = \(json: given) where id = \(id)")
  }

  func setApplied(
    _ id: UUID, _ settings: InstanceSettings, _ circumstances: Circumstances,
    _ transaction: (any Transaction)?
  ) async throws {
    try await runner(transaction).execute(
      """
      update instances set applied_settings = \(json: settings), applied_exposed = \(circumstances.exposed),
        applied_stage = \(circumstances.stage.rawValue),
        applied_parts = jsonb_build_object('images', images, 'checkouts', checkouts)
      where id = \(id)
      """)
  }

  func forgetApplied(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      """
      update instances set applied_settings = null, applied_exposed = null, applied_stage = null,
        applied_parts = null
      where id = \(id)
      """)
  }

  func setDrift(_ id: UUID, _ drift: [Drift], _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      "update instances set drift = \(json: drift) where id = \(id) and removed_at is null")
  }

  func images(of id: UUID, _ transaction: (any Transaction)?) async throws -> ImageIDs? {
    try await runner(transaction).query("select images from instances where id = \(id)").first?
      .get("images", json: ImageIDs?.self)
  }

  func setImages(_ id: UUID, _ images: ImageIDs, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("update instances set images = \(json: images) where id = \(id)")
  }

  func checkouts(of id: UUID, _ transaction: (any Transaction)?) async throws -> [ModuleCheckout] {
    try await runner(transaction).query("select checkouts from instances where id = \(id)").first?
      .get("checkouts", json: [ModuleCheckout].self) ?? []
  }

  func setCheckouts(_ id: UUID, _ checkouts: [ModuleCheckout], _ transaction: (any Transaction)?) async throws
  {
    try await runner(transaction).execute(
      "update instances set checkouts = \(json: checkouts) where id = \(id)")
  }

  func secrets(of id: UUID, _ transaction: (any Transaction)?) async throws -> SealedSecrets? {
    try await runner(transaction).query(
      "select database_password, master_password from instances where id = \(id)"
    )
    .first.map {
      SealedSecrets(
        databasePassword: try $0.get("database_password"), masterPassword: try $0.get("master_password"))
    }
  }

  func announce(on server: UUID, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).query(
      """
      select pg_notify('hosting_changes', organisation_id || ' ' || id) from instances
      where server_id = \(server) and removed_at is null
      """)
  }

  func bury(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute(
      "update instances set removed_at = now(), desired = 'stopped' where id = \(id) and removed_at is null")
  }

  func takenPorts(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<Int> {
    Set(
      try await runner(transaction).query(
        "select base_port from instances where server_id = \(server) and removed_at is null"
      ).map { try $0.get("base_port") })
  }

  private static func instance(_ row: Row) throws -> Instance {
    return Instance(
      id: try row.get("id"), organisationID: try row.get("organisation_id"),
      server: try ServerReference(row),
      name: try Slug(row.get("name")), version: try row.get("version"), edition: try row.get("edition"),
      stage: try row.get("stage"),
      basePort: try row.get("base_port"), origin: try row.get("origin", json: DatabaseOrigin.self),
      settings: try row.get("settings", json: InstanceSettings.self),
      settingsRevision: try row.get("settings_revision"),
      appliedSettings: try row.get("applied_settings", json: InstanceSettings?.self),
      desired: try row.get("desired"), status: try row.get("status"),
      statusReason: try row.get("status_reason"),
      statusSince: try row.get("status_since"), statusJob: try row.get("status_job"),
      activeJob: try row.get("active_job"), createdAt: try row.get("created_at"),
      drift: try row.get("drift", json: [Drift].self), seenAt: try row.get("seen_at"),
      outOfSight: try row.get("out_of_sight"), hostName: try row.get("host_name"),
      appliedCircumstances: try Circumstances(row))
  }

  func setStage(_ id: UUID, _ stage: Stage, _ transaction: (any Transaction)?) async throws {
    try await runner(transaction).execute("update instances set stage = \(stage.rawValue) where id = \(id)")
  }

  func known(among ids: [UUID], _ transaction: (any Transaction)?) async throws -> [UUID: KnownInstance] {
    let rows = try await runner(transaction).query(
      "select id, name, server_id, removed_at is not null as is_removed from instances where id = any(\(ids))"
    )
    return try rows.reduce(into: [:]) { known, row in
      known[try row.get("id", as: UUID.self)] = KnownInstance(
        name: try row.get("name"), server: try row.get("server_id"), isRemoved: try row.get("is_removed"))
    }
  }

  func list(
    in organisation: UUID, only ids: [UUID]?, on server: UUID?, stage: Stage?, status: InstanceStatus?,
    search: String?, after: String?, limit: Int, _ transaction: (any Transaction)?
  ) async throws -> [InstanceSummary] {
    var filter: SQL = "i.organisation_id = \(organisation) and i.removed_at is null"
    if let ids { filter = "\(filter) and i.id = any(\(ids))" }
    if let server { filter = "\(filter) and i.server_id = \(server)" }
    if let stage { filter = "\(filter) and i.stage = \(stage.rawValue)" }
    if let status { filter = "\(filter) and i.status = \(status.rawValue)" }
    if let search, !search.isEmpty { filter = "\(filter) and position(lower(\(search)) in i.name) > 0" }
    if let after { filter = "\(filter) and i.name > \(after)" }
    return try await runner(transaction).query(
      """
      select i.id, i.server_id, s.name as server_name, s.address as server_address, s.exposed as server_exposed, s.kind as server_kind,
        i.name, i.version, i.edition, i.stage, i.base_port, i.status, i.status_reason, i.status_since,
        j.id as active_job, i.created_at
      \(Self.tables) where \(filter) order by i.name limit \(limit)
      """
    ).map(InstanceSummary.init)
  }

  func restored(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<UUID> {
    Set(
      try await runner(transaction).query(
        "select id from instances where server_id = \(server) and restored_from is not null and removed_at is null"
      ).map { try $0.get("id") })
  }

  func adopt(_ id: UUID, _ adoption: Adoption, _ transaction: (any Transaction)?) async throws -> Bool {
    // An instance that answers has come to life, whatever the backup knows of its settings.
    try await runner(transaction).query(
      """
      update instances set restored_from = null,
        status = case when status_job is null then \(adoption.status.rawValue) else status end,
        status_reason = case when status_job is null then coalesce(\(adoption.reason), status_reason)
          else status_reason end,
        status_since = case when status_job is null and status <> \(adoption.status.rawValue) then now()
          else status_since end,
        desired = case when status_job is null then coalesce(\(adoption.desired?.rawValue), desired) else desired end,
        applied_settings = case when status_job is null and \(adoption.status == .running)
          then coalesce(applied_settings, settings) else applied_settings end
      where id = \(id) and restored_from is not null and removed_at is null
        and not exists (
          select from job where subject = \(id) and state in ('queued', 'running', 'snoozed'))
      returning status_job is null as said
      """
    ).first?.get("said") ?? false
  }

  func partsInEffect(on server: UUID, _ transaction: (any Transaction)?) async throws -> [UUID: InstanceParts]
  {
    let rows = try await runner(transaction).query(
      """
      select id, coalesce(applied_parts, jsonb_build_object('images', images, 'checkouts', checkouts)) as parts
      from instances where server_id = \(server) and removed_at is null
      """)
    return try rows.reduce(into: [:]) { parts, row in
      parts[try row.get("id", as: UUID.self)] = try row.get("parts", json: InstanceParts.self)
    }
  }

  func packageNeeds(on server: UUID, but instance: UUID?, _ transaction: (any Transaction)?) async throws
    -> [PackageNeed]
  {
    try await runner(transaction).query(
      """
      select images, applied_parts -> 'images' as in_effect, settings -> 'packages' as wanted from instances
      where server_id = \(server) and removed_at is null and id is distinct from \(instance)
      """
    ).map { row in
      PackageNeed(
        noted: try row.get("images", json: ImageIDs?.self),
        inEffect: try row.get("in_effect", json: ImageIDs?.self),
        wanted: try row.get("wanted", json: InstancePackages.self))
    }
  }
}

extension ServerReference {
  /// Reads the columns that begin with `server_`.
  init(_ row: Row) throws {
    self.init(
      id: try row.get("server_id"), name: try row.get("server_name"), address: try row.get("server_address"),
      exposed: try row.get("server_exposed"), kind: try row.get("server_kind"))
  }
}

extension Circumstances {
  /// Reads the columns that begin with `applied_`; nil where nothing was noted.
  fileprivate init?(_ row: Row) throws {
    guard let exposed = try row.get("applied_exposed", as: Bool?.self),
      let stage = try row.get("applied_stage", as: Stage?.self)
    else { return nil }
    self.init(exposed: exposed, stage: stage)
  }
}
