import Foundation
import Odoo
import Postgres

/// Reads and writes instances. Rules are not here.
struct InstanceStore: Sendable {
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
  static let tables: SQL = """
    from instances i join servers s on s.id = i.server_id
      left join job j on j.subject = i.id and j.superseded_by is null
        and j.state in ('queued', 'running', 'snoozed')
    """

  /// The living instance that `reference` names (by name or id) in `organisation`, nil where there is none.
  func find(_ reference: String, in organisation: UUID, _ connection: some SQLRunner) async throws
    -> Instance?
  {
    let named: SQL =
      if let id = UUID(uuidString: reference) { "(i.id = \(id) or i.name = \(reference))" } else {
        "i.name = \(reference)"
      }
    return try await connection.query(
      "\(Self.columns) where \(named) and i.organisation_id = \(organisation) and i.removed_at is null"
    ).first.map(Self.instance)
  }

  /// The living instance `id`, whosever it is.
  func get(_ id: UUID, _ connection: some SQLRunner) async throws -> Instance? {
    try await connection.query("\(Self.columns) where i.id = \(id) and i.removed_at is null").first.map(
      Self.instance)
  }

  /// Every living instance of `server`, by name.
  func all(on server: UUID, _ connection: some SQLRunner) async throws -> [Instance] {
    try await connection.query(
      "\(Self.columns) where i.server_id = \(server) and i.removed_at is null order by i.name"
    )
    .map(Self.instance)
  }

  /// The identity of every living instance of `server`.
  func identities(on server: UUID, _ connection: some SQLRunner) async throws -> [UUID] {
    try await connection.query("select id from instances where server_id = \(server) and removed_at is null")
      .map { try $0.get("id") }
  }

  /// Puts a new instance in.
  ///
  /// - Throws: `PostgresError` with constraint `instances_name`, `instances_host_name` or `instances_port` where one of
  ///   these is taken.
  func insert(_ instance: Instance, sealed: SealedSecrets, _ connection: some SQLRunner) async throws {
    try await connection.execute(
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

  /// Says what users see of `instance` from now on.
  func setStatus(
    _ id: UUID, _ status: InstanceStatus, reason: String, job: UUID?, _ connection: some SQLRunner
  ) async throws {
    try await connection.execute(
      """
      update instances set status = \(status.rawValue), status_reason = \(reason), status_job = \(job),
        status_since = case when status = \(status.rawValue) then status_since else now() end
      where id = \(id) and removed_at is null
      """)
  }

  /// As `setStatus`, unless the instance is being removed: that stays what users see until it is gone.
  func setStatusUnlessRemoving(
    _ id: UUID, _ status: InstanceStatus, reason: String, _ connection: some SQLRunner
  ) async throws {
    let isRemoving = try await connection.query(
      "select from instances where id = \(id) and status = 'removing' for update")
    guard isRemoving.isEmpty else { return }
    // The job stays the one that was said when it was asked for.
    try await connection.execute(
      """
      update instances set status = \(status.rawValue), status_reason = \(reason),
        status_since = case when status = \(status.rawValue) then status_since else now() end
      where id = \(id) and removed_at is null
      """)
  }

  /// As `setStatus`, but only where the instance is still `expected` and nothing is under way with it: what
  /// was seen on a host may be older than what an operation has done since. Returns whether it was.
  func correctStatus(
    _ id: UUID, from expected: InstanceStatus, to status: InstanceStatus, reason: String,
    _ connection: some SQLRunner
  ) async throws -> Bool {
    try await connection.execute(
      """
      update instances set status = \(status.rawValue), status_reason = \(reason), status_job = null,
        status_since = now()
      where id = \(id) and status = \(expected.rawValue) and removed_at is null
        and not exists (
          select from job where subject = \(id) and state in ('queued', 'running', 'snoozed'))
      """) > 0
  }

  /// Gives the instance another block of ports.
  ///
  /// - Throws: `PostgresError` with constraint `instances_port` where that one is taken by now.
  func setBasePort(_ id: UUID, _ port: Int, _ connection: some SQLRunner) async throws {
    try await connection.execute("update instances set base_port = \(port) where id = \(id)")
  }

  /// Says whether the instance should run.
  func setDesired(_ id: UUID, _ desired: DesiredState, _ connection: some SQLRunner) async throws {
    try await connection.execute("update instances set desired = \(desired.rawValue) where id = \(id)")
  }

  /// Saves settings if nobody saved others since `revision`. Returns whether it did.
  func setSettings(
    _ id: UUID, _ settings: InstanceSettings, expecting revision: Int, _ connection: some SQLRunner
  ) async throws -> Bool {
    try await connection.execute(
      """
      update instances set settings = \(json: settings), settings_revision = settings_revision + 1
      where id = \(id) and settings_revision = \(revision) and removed_at is null
      """) > 0
  }

  /// Notes that `settings` are in effect, in containers that were made under `circumstances`.
  func setApplied(
    _ id: UUID, _ settings: InstanceSettings, _ circumstances: Circumstances, _ connection: some SQLRunner
  ) async throws {
    try await connection.execute(
      """
      update instances set applied_settings = \(json: settings), applied_exposed = \(circumstances.exposed),
        applied_stage = \(circumstances.stage.rawValue)
      where id = \(id)
      """)
  }

  /// Notes how the parts of the instance differ from what they should be.
  func setDrift(_ id: UUID, _ drift: [Drift], _ connection: some SQLRunner) async throws {
    try await connection.execute(
      "update instances set drift = \(json: drift) where id = \(id) and removed_at is null")
  }

  /// The images that the instance is made from, nil where they are not known yet.
  func images(of id: UUID, _ connection: some SQLRunner) async throws -> ImageIDs? {
    try await connection.query("select images from instances where id = \(id)").first?
      .get("images", json: ImageIDs?.self)
  }

  /// Notes the images that the instance is made from.
  func setImages(_ id: UUID, _ images: ImageIDs, _ connection: some SQLRunner) async throws {
    try await connection.execute("update instances set images = \(json: images) where id = \(id)")
  }

  /// The code of custom modules that the instance was last given.
  func checkouts(of id: UUID, _ connection: some SQLRunner) async throws -> [ModuleCheckout] {
    try await connection.query("select checkouts from instances where id = \(id)").first?
      .get("checkouts", json: [ModuleCheckout].self) ?? []
  }

  /// Notes the code of custom modules that the instance is given.
  func setCheckouts(_ id: UUID, _ checkouts: [ModuleCheckout], _ connection: some SQLRunner) async throws {
    try await connection.execute("update instances set checkouts = \(json: checkouts) where id = \(id)")
  }

  /// The sealed secrets of the instance.
  func secrets(of id: UUID, _ connection: some SQLRunner) async throws -> SealedSecrets? {
    try await connection.query("select database_password, master_password from instances where id = \(id)")
      .first.map {
        SealedSecrets(
          databasePassword: try $0.get("database_password"), masterPassword: try $0.get("master_password"))
      }
  }

  /// Tells those who look on that something of the server `server` concerns its instances.
  func announce(on server: UUID, _ connection: some SQLRunner) async throws {
    try await connection.query(
      """
      select pg_notify('hosting_changes', organisation_id || ' ' || id) from instances
      where server_id = \(server) and removed_at is null
      """)
  }

  /// Leaves a tombstone in the place of the instance; its name and its ports are free from here on.
  func bury(_ id: UUID, _ connection: some SQLRunner) async throws {
    try await connection.execute(
      "update instances set removed_at = now(), desired = 'stopped' where id = \(id) and removed_at is null")
  }

  /// The first ports of the blocks that are taken on `server`.
  func takenPorts(on server: UUID, _ connection: some SQLRunner) async throws -> Set<Int> {
    Set(
      try await connection.query(
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

/// The secrets of an instance as the database keeps them.
struct SealedSecrets: Sendable {
  var databasePassword: Data
  var masterPassword: Data
}

extension MasterKey {
  /// `secrets` of the instance `id`, sealed for their places.
  func seal(_ secrets: InstanceSecrets, of id: UUID) throws -> SealedSecrets {
    SealedSecrets(
      databasePassword: try seal(secrets.databasePassword, in: .databasePassword, of: id),
      masterPassword: try seal(secrets.masterPassword, in: .masterPassword, of: id))
  }

  /// The secrets of the instance `id`, opened.
  func open(_ sealed: SealedSecrets, of id: UUID) throws -> InstanceSecrets {
    InstanceSecrets(
      databasePassword: try open(sealed.databasePassword, in: .databasePassword, of: id),
      masterPassword: try open(sealed.masterPassword, in: .masterPassword, of: id))
  }
}
