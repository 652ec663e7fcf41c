import Foundation
import Logging
import Postgres

/// Puts a new database in the place of another one: it is made under another name, and in one transaction the former
/// one loses its name and the new one gets it. Killed at any moment, one of the two has the name.
struct DatabaseSwap: Sendable {
  /// Connections to the server's own database, from which others are made and renamed.
  let maintenance: Database
  /// How to connect to the database by its name.
  let configuration: PostgresConfiguration
  private let logger: Logger
  /// The database's name, and those that belong to this swap alone.
  private let name: String
  private let newName: String
  private let formerName: String

  /// - Parameter mark: is part of the names, so that they are nobody else's.
  init(_ configuration: PostgresConfiguration, mark: String, logger: Logger) async throws {
    self.configuration = configuration
    self.logger = logger
    name = configuration.database
    // A name has at most 63 bytes.
    let begin = String(decoding: name.utf8.prefix(30), as: UTF8.self)
    newName = "\(begin)_restoring_\(mark)"
    formerName = "\(begin)_replaced_\(mark)"
    maintenance = try await Self.connect(configuration, logger)
  }

  func close() async { await maintenance.close() }

  /// Looks whether a restore may begin: an empty or a missing database, or, with `replacing`, one of Odeum.
  func requireRoom(replacing: Bool, for manifest: BackupManifest) async throws {
    guard try await exists(name) else { return }
    let present = Database(configuration, connections: 1, logger: logger)
    do {
      try await requireRoom(in: present, replacing: replacing, for: manifest)
      await present.close()
    } catch {
      await present.close()
      throw error
    }
    try await requireAlone()
  }

  private func requireRoom(in present: Database, replacing: Bool, for manifest: BackupManifest) async throws {
    let tables: Int = try await present.query(
      """
      select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
      """)[0].get("count")
    guard tables > 0 else { return }
    let marks = try await present.query(
      "select to_regclass('schema_migration') is not null and to_regclass('installation') is not null as ours"
    )
    guard try marks[0].get("ours") else {
      throw HostingError(
        .conflict, "The database \(configuration) holds tables that are not of Odeum.",
        suggestion: "Name an empty database in DATABASE_URL. Nothing was changed.")
    }
    guard !replacing else { return }
    let instances: Int = try await present.query(
      "select count(*) from instances where removed_at is null")[0].get("count")
    throw HostingError(
      .conflict, "There is a control plane in the database already, with \(instances) instances.",
      suggestion:
        "To put the backup of \(manifest.moment) in its place, which discards what is there: odeumd restore "
        + "--replace FILE. To keep a copy, run odeumd backup first.")
  }

  /// Makes an empty database, and removes what an earlier restore left when it was killed. Returns how to connect.
  func makeNew() async throws -> PostgresConfiguration {
    try await remove(newName)
    try await remove(formerName)
    do {
      try await maintenance.execute("create database \(identifier: newName) template template0")
    } catch let error as PostgresError where error.sqlState == "42501" {
      throw HostingError(
        .forbidden, "The database user \(configuration.parameters["user"] ?? "") may not make databases.",
        suggestion:
          "Let a superuser run: ALTER ROLE \(configuration.parameters["user"] ?? "USER") CREATEDB; it is "
          + "needed for a restore only.")
    }
    var new = configuration
    new.database = newName
    return new
  }

  /// Removes the new database where it came to nothing.
  func removeNew() async {
    do {
      try await remove(newName)
    } catch {
      logger.warning("The database \(newName) could not be removed; the next restore does it: \(error)")
    }
  }

  /// Gives the new database the name, in one transaction.
  func exchange() async throws {
    let isThere = try await exists(name)
    do {
      try await maintenance.transaction { connection in
        if isThere {
          try await connection.execute(
            "alter database \(identifier: name) rename to \(identifier: formerName)")
        }
        try await connection.execute("alter database \(identifier: newName) rename to \(identifier: name)")
      }
    } catch let error as PostgresError where error.sqlState == "55006" {
      // Somebody connected since we looked.
      try await requireAlone()
      throw error
    }
  }

  /// Removes the former database. What cannot be removed costs space only, and the next restore removes it.
  func removeFormer() async {
    do {
      try await remove(formerName)
    } catch {
      logger.warning("The former database \(formerName) could not be removed: \(error)")
    }
  }

  private func requireAlone() async throws {
    let others = try await DatabaseUsers.others(of: name, maintenance)
    guard others.isEmpty else {
      throw HostingError(
        .conflict,
        "Something is connected to the control plane's database: \(others.joined(separator: ", ")).",
        suggestion: "Stop every control plane that uses it, then restore again. Nothing was changed.")
    }
  }

  private func exists(_ name: String) async throws -> Bool {
    try await !maintenance.query("select from pg_database where datname = \(name)").isEmpty
  }

  private func remove(_ name: String) async throws {
    try await maintenance.execute("drop database if exists \(identifier: name) with (force)")
  }

  private static func connect(_ configuration: PostgresConfiguration, _ logger: Logger) async throws
    -> Database
  {
    var last: PostgresError?
    // Every server has the second one; the first is the better one, since new databases are made from the second.
    for name in ["postgres", "template1"] {
      var own = configuration
      own.database = name
      let database = Database(own, connections: 1, logger: logger)
      do {
        _ = try await database.serverVersion()
        return database
      } catch let error as PostgresError {
        await database.close()
        last = last ?? error
      }
    }
    throw HostingError(
      .unavailable, "The database server cannot be reached: \(last?.message ?? "no answer").",
      suggestion: "Look whether it runs, and whether this user may connect to its database “postgres”.")
  }
}
