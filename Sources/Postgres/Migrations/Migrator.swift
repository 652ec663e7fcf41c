import Logging

/// Brings a database to this program's schema.
public struct Migrator: Sendable {
  private let migrations: [Migration]

  /// All migrations of the program. Within each of their lists the order counts and only the end may grow.
  public init(_ migrations: [Migration]) {
    self.migrations = migrations
  }

  /// Applies what is missing, each migration in a transaction of its own, while no other process does the same.
  /// Returns the names of those applied now. Throws `MigrationError` before anything is applied when the database
  /// has another history.
  @discardableResult
  public func migrate(_ database: Database) async throws -> [String] {
    try checkNames()
    return try await database.withConnection { connection in
      try await connection.query("SELECT pg_advisory_lock(\(Self.lock))")
      do {
        let names = try await apply(on: connection, logger: database.logger)
        try await unlock(connection)
        return names
      } catch {
        if connection.session.state == .idle { try await unlock(connection) }
        throw error
      }
    }
  }

  /// "odeum" in ASCII: one lock for all processes on this database.
  private static let lock = 0x6F_6465_756D

  /// Also when the task is cancelled meanwhile: the connection goes back to the pool and must not keep the lock.
  private func unlock(_ connection: Connection) async throws {
    _ = try await connection.session.runUncancelled("SELECT pg_advisory_unlock(\(Self.lock))")
  }

  private func apply(on connection: Connection, logger: Logger) async throws -> [String] {
    try await connection.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_migration (
        position int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        list text NOT NULL,
        name text NOT NULL,
        checksum bytea NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (list, name)
      )
      """)
    var names: [String] = []
    for migration in try await missing(on: connection) {
      logger.info("migrating the database: \(migration.list): \(migration.name)")
      try await apply(migration, on: connection)
      names.append(migration.name)
    }
    return names
  }

  private func missing(on connection: Connection) async throws -> [Migration] {
    let rows = try await connection.query(
      """
      SELECT m.list, m.name, m.checksum = sha256(convert_to(p.fingerprint, 'UTF8')) AS is_same
      FROM schema_migration m
      LEFT JOIN unnest(\(migrations.map(\.list)), \(migrations.map(\.name)), \(migrations.map(\.fingerprint)))
        AS p (list, name, fingerprint) ON p.list = m.list AND p.name = m.name
      ORDER BY m.position
      """)
    var missing = migrations
    for row in rows {
      let list: String = try row.get("list")
      let name: String = try row.get("name")
      guard let isSame = try row.get("is_same", as: Bool?.self) else {
        throw MigrationError.unknown(list: list, name: name)
      }
      guard isSame else { throw MigrationError.changed(list: list, name: name) }
      guard let next = missing.firstIndex(where: { $0.list == list }), missing[next].name == name else {
        let found = missing.first { $0.list == list }?.name ?? "none"
        throw MigrationError.reordered(list: list, applied: name, found: found)
      }
      missing.remove(at: next)
    }
    return missing
  }

  private func apply(_ migration: Migration, on connection: Connection) async throws {
    do {
      try await Database.transaction(.readCommitted, on: connection) { connection in
        // Nobody waits for its rows but whoever starts up: a machine that is busy need not end it.
        try await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '15min'")
        switch migration.content {
        case .sql(let script): try await connection.runScript(script)
        case .code(_, let run): try await run(connection)
        }
        try await connection.execute(
          """
          INSERT INTO schema_migration (list, name, checksum)
          VALUES (\(migration.list), \(migration.name), sha256(convert_to(\(migration.fingerprint), 'UTF8')))
          """)
      }
    } catch let error as PostgresError {
      throw MigrationError.failed(list: migration.list, name: migration.name, reason: "\(error)")
    }
  }

  /// Names and contents in one short word, the same for equal migrations.
  package var fingerprint: String {
    let texts = migrations.flatMap { [$0.list, $0.name, $0.fingerprint] }
    let hash = texts.joined(separator: "\u{0}").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 36)
  }

  private func checkNames() throws {
    var seen: Set<[String]> = []
    for migration in migrations where !seen.insert([migration.list, migration.name]).inserted {
      throw MigrationError.duplicate(list: migration.list, name: migration.name)
    }
  }
}
