import Crypto
import Docker
import Foundation
import Odoo
import Postgres
import Remote

/// A database cluster and its files, made once for every combination of images, modules, language, country
/// and demo data, from which the databases of new instances are copied: `odoo -i base` takes minutes or
/// seconds, a copy less than one.
struct PreparedDatabase: Sendable {
  /// Names the combination.
  let key: String
  let version: OdooVersion
  let images: ImageIDs
  /// How it is filled.
  let initialisation: Initialisation

  /// - Parameter installation: part of the key, so that two installations on one host do not meet.
  init(version: OdooVersion, origin: DatabaseOrigin, images: ImageIDs, installation: UUID) throws {
    self.version = version
    self.images = images
    initialisation = Initialisation(
      version: version, database: Self.database, modules: try origin.modules.map { try ModuleName($0) },
      language: try LanguageCode(origin.language), country: try origin.country.map { try CountryCode($0) },
      demoData: origin.demo)
    let parts = [installation.uuidString, images.odoo, images.database, initialisation.contentKey]
    let hash = SHA256.hash(data: Data(parts.joined(separator: "\n").utf8))
    key = hash.prefix(8).map { String(format: "%02x", $0) }.joined()
  }

  /// The name of the database inside, until a copy gets its own.
  static let database = DatabaseName(slug)
  /// The name of the role inside.
  static let role = RoleName(slug)
  private static let slug: Slug = {
    guard let slug = try? Slug("prepared") else { preconditionFailure("“prepared” is a DNS label") }
    return slug
  }()

  /// Role and database inside, with a password for the role.
  func newDatabase(password: Secret) -> NewDatabase {
    NewDatabase(name: Self.database, owner: Self.role, password: ConfSecret(password.reveal()))
  }

  var cluster: String { "odeum-prepared-\(key)-db" }
  var files: String { "odeum-prepared-\(key)-data" }
  var network: String { "odeum-prepare-\(key)" }
  var databaseContainer: String { "odeum-prepare-\(key)-db" }
  /// The container of one of Odoo's runs.
  func odooContainer(_ number: Int) -> String { "odeum-prepare-\(key)-\(number)" }

  /// One line that says what is in it.
  var summary: String {
    let modules = (["base"] + initialisation.modules.map(\.text)).joined(separator: ", ")
    let country = initialisation.country.map { ", country \($0)" } ?? ""
    let demo = initialisation.demoData ? ", demo data" : ""
    return "Odoo \(version) with \(modules), \(initialisation.language)\(country)\(demo)"
  }
}

/// Which job makes a prepared database, so that two never do.
struct PreparedDatabaseStore: Sendable {
  enum Claim: Sendable {
    /// It is there; nothing to make.
    case ready
    /// This job is to make it.
    case mine
    /// Another job is making it.
    case others
  }

  /// Asks for the right to make the prepared database `key` on `server` for the job `job`. A claim whose job
  /// has ended without success counts for nothing.
  func claim(_ prepared: PreparedDatabase, on server: UUID, job: UUID, _ connection: some SQLRunner)
    async throws -> Claim
  {
    try await lock(prepared.key, on: server, connection)
    let mine = try await connection.execute(
      """
      insert into prepared_databases as p (server_id, key, origin, state, job)
      values (\(server), \(prepared.key), \(json: prepared.summary), 'building', \(job))
      on conflict (server_id, key) do update set job = excluded.job
      where p.state = 'building' and (p.job = excluded.job
        or not exists (select from job j where j.id = p.job and j.state in ('queued', 'running', 'snoozed')))
      """)
    if mine > 0 { return .mine }
    let rows = try await connection.query(
      """
      update prepared_databases set used_at = now()
      where server_id = \(server) and key = \(prepared.key) and state = 'ready' returning key
      """)
    return rows.isEmpty ? .others : .ready
  }

  /// Lets nobody else claim the prepared database `key`, or take it away, until the transaction ends.
  func lock(_ key: String, on server: UUID, _ connection: some SQLRunner) async throws {
    let name = "prepared \(server) \(key)"
    try await connection.query("select pg_advisory_xact_lock(hashtextextended(\(name), 0))")
  }

  /// Whether there is a row of the prepared database `key`.
  func isKnown(_ key: String, on server: UUID, _ connection: some SQLRunner) async throws -> Bool {
    try await connection.query(
      "select from prepared_databases where server_id = \(server) and key = \(key)"
    ).isEmpty == false
  }

  /// Whether the job `job` is at making the prepared database.
  func isMaking(
    _ prepared: PreparedDatabase, on server: UUID, job: UUID, _ connection: some SQLRunner
  ) async throws -> Bool {
    try await connection.query(
      """
      select from prepared_databases
      where server_id = \(server) and key = \(prepared.key) and job = \(job) and state = 'building'
      """
    ).isEmpty == false
  }

  /// Notes that the prepared database is whole.
  func setReady(_ prepared: PreparedDatabase, on server: UUID, _ connection: some SQLRunner) async throws {
    try await connection.execute(
      "update prepared_databases set state = 'ready' where server_id = \(server) and key = \(prepared.key)")
  }

  /// Forgets a prepared database that the server has lost.
  func forget(_ prepared: PreparedDatabase, on server: UUID, _ connection: some SQLRunner) async throws {
    try await connection.execute(
      "delete from prepared_databases where server_id = \(server) and key = \(prepared.key)")
  }
}
