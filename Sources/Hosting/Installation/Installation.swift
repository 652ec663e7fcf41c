import Foundation
import Jobs
import Logging
import Postgres
import Remote

extension Hosting {
  /// The first person of an installation.
  public static let firstEmail = "admin@localhost"

  /// Opens the installation kept in `database`: brings the schema up to date, makes organisation, operator
  /// and the local server where there are none yet, and refuses a master key under which the database was not
  /// written.
  ///
  /// - Throws: `HostingError` with a text for the operator.
  public static func open(
    database: Database, masterKey: MasterKey, configuration: HostingConfiguration,
    passwords: PasswordHasher = PasswordHasher(), logger: Logger
  ) async throws -> Hosting {
    do {
      try await database.requireVersion(15)
      try await Migrator(Schema.migrations).migrate(database)
    } catch let error as PostgresError {
      throw HostingError(.unavailable, "The control plane's database cannot be used: \(error)")
    } catch let error as MigrationError {
      throw HostingError(.conflict, "The control plane's database cannot be used: \(error)")
    }
    let id = try await found(database, masterKey: masterKey, address: configuration.localAddress)
    let hosting = Hosting(
      installation: id, configuration: configuration, database: database,
      jobs: JobQueue(database, logger: logger),
      masterKey: masterKey, passwords: passwords, logger: logger)
    try await hosting.bindLocalServer()
    return hosting
  }

  /// Whether there is an installation in `database`, which is looked at and not changed.
  public static func isInstalled(in database: Database) async throws -> Bool {
    try await tellingOperators { try await KeptKey(database) != nil }
  }

  /// The installation's id, made with everything that the first start makes unless it is there.
  private static func found(_ database: Database, masterKey: MasterKey, address: String) async throws -> UUID
  {
    let id = UUID()
    let check = masterKey.checkValue(installation: id)
    let kept = try await database.transaction { connection -> (UUID, Data) in
      let made = try await connection.execute(
        "insert into installation (id, master_key_check) values (\(id), \(check)) on conflict do nothing")
      if made > 0 {
        let organisation = UUID()
        let person = UUID()
        let server = UUID()
        try await connection.execute(
          "insert into organisations (id, slug, name) values (\(organisation), 'main', 'Main')")
        try await connection.execute(
          "insert into people (id, email, is_operator) values (\(person), \(firstEmail), true)")
        try await connection.execute(
          "insert into memberships (person_id, organisation_id, role) values (\(person), \(organisation), 'owner')"
        )
        try await connection.execute(
          "insert into servers (id, name, kind, address) values (\(server), 'local', 'local', \(address))")
        try await connection.execute(
          "insert into server_shares (server_id, organisation_id) values (\(server), \(organisation))")
      }
      let row = try await connection.query("select id, master_key_check from installation")[0]
      return (try row.get("id"), try row.get("master_key_check"))
    }
    guard constantTimeEquals(kept.1, masterKey.checkValue(installation: kept.0)) else {
      throw KeptKey.wrong
    }
    return kept.0
  }

  /// Whether nobody has set the operator's password yet.
  public func isUnclaimed() async throws -> Bool {
    try await database.query("select from people where password_hash is not null limit 1").isEmpty
  }
}
