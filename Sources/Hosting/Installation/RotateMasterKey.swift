import Foundation
import Jobs
import Postgres

extension MasterKey {
  /// Seals every secret of the database under `new` instead of this key, and notes `new` as the key of the
  /// database: everything in one transaction, so that either key is right for all of it at any time.
  ///
  /// `database` is to have a single connection, and no control plane may run: it would go on sealing under the
  /// key that it was started with.
  ///
  /// - Returns: how many secrets were sealed anew.
  /// - Throws: `HostingError`, after which nothing has changed.
  public func rotate(to new: MasterKey, in database: Database) async throws -> Int {
    try await tellingOperators {
      try await database.transaction { connection in
        guard let kept = try await KeptKey(connection) else {
          throw HostingError(
            .notFound, "There is no installation in \(database.configuration).",
            suggestion: "Name the right database or data folder; a new one gets its key at the first start.")
        }
        try kept.require(self)
        guard !kept.isOf(new) else {
          throw HostingError(
            .invalid, "The new master key is the present one.",
            suggestion: "Make one: openssl rand -base64 32")
        }
        // Whoever starts from now on waits for the end of this, and then finds the new key's check value.
        try await connection.execute("lock table installation in access exclusive mode")
        try await Self.requireAlone(connection)
        var count = 0
        for column in SealedColumn.all {
          try await connection.execute("lock table \(identifier: column.table) in exclusive mode")
          for (id, sealed) in try await column.values(connection) {
            let resealed = try new.seal(open(sealed, in: column, of: id), in: column, of: id)
            try await connection.execute(
              """
              update \(identifier: column.table) set \(identifier: column.column) = \(resealed) where id = \(id)
              """)
            count += 1
          }
        }
        let check = new.checkValue(installation: kept.installation)
        try await connection.execute("update installation set master_key_check = \(check)")
        if let actor = try await Hosting.firstOperator(connection) {
          let subject = AuditSubject("installation", kept.installation, actor.organisationSlug)
          try await PostgresAuditStore(database: database).add(
            AuditNote(action: .rotateMasterKey, subject: subject, before: nil, after: nil, actor: actor),
            connection)
        }
        CrashPoint.reach("rotate/sealed")
        return count
      }
    }
  }

  private static func requireAlone(_ connection: Connection) async throws {
    let others = try await DatabaseUsers.others(of: nil, connection)
    guard others.isEmpty else {
      throw HostingError(
        .conflict,
        "Something else is connected to the control plane's database: \(others.joined(separator: ", ")).",
        suggestion: "Stop every control plane that uses it, then try again. Nothing was changed.")
    }
  }
}

/// Which key a database was written under.
struct KeptKey: Sendable {
  let installation: UUID
  private let check: Data

  /// Nil where the database holds no installation.
  init?(_ connection: some SQLRunner) async throws {
    let found = try await connection.query("select to_regclass('installation') is not null as found")[0]
    guard try found.get("found"),
      let row = try await connection.query("select id, master_key_check from installation").first
    else { return nil }
    installation = try row.get("id")
    check = try row.get("master_key_check")
  }

  func isOf(_ key: MasterKey) -> Bool {
    constantTimeEquals(check, key.checkValue(installation: installation))
  }

  /// - Throws: `HostingError` unless the database was written under `key`.
  func require(_ key: MasterKey) throws {
    guard isOf(key) else { throw Self.wrong }
  }

  static var wrong: HostingError {
    HostingError(
      .conflict, "The master key is not the one under which this database was written.",
      suggestion: "Give the right key as ODEUM_MASTER_KEY, or put the right master.key into the data folder.")
  }
}

extension MasterKey {
  /// The one of `candidates` under which the database was written; the first one where the database holds no
  /// installation yet.
  ///
  /// - Throws: `HostingError` with a text for the operator where it is none of them.
  public static func right(among candidates: [MasterKey], in database: Database) async throws -> MasterKey? {
    try await tellingOperators {
      guard let kept = try await KeptKey(database) else { return candidates.first }
      guard !candidates.isEmpty else {
        throw HostingError(
          .notFound, "The database was written under a master key, and there is none.",
          suggestion:
            "Put the master.key from your safe into the data folder, or give it as ODEUM_MASTER_KEY.")
      }
      guard let key = candidates.first(where: kept.isOf) else { throw KeptKey.wrong }
      return key
    }
  }
}

/// Who is connected to a database.
enum DatabaseUsers {
  /// The other sessions of a database, by default of the connection's own, in words. A session whose program has
  /// ended needs a moment to end itself; those that stay for some seconds count.
  static func others(of name: String?, _ connection: some SQLRunner) async throws -> [String] {
    let end = ContinuousClock.now + .seconds(5)
    var others = try await present(in: name, connection)
    while !others.isEmpty, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(50))
      others = try await present(in: name, connection)
    }
    return others
  }

  private static func present(in name: String?, _ connection: some SQLRunner) async throws -> [String] {
    // Within a transaction, the server shows what it showed before unless it is told.
    try await connection.query("select pg_stat_clear_snapshot()")
    // To those who may not look closer, the server shows no more than that there is somebody.
    return try await connection.query(
      """
      select format('%s (%s, process %s)', coalesce(nullif(application_name, ''), 'a program'),
        coalesce(client_addr::text, 'this machine'), pid) as who
      from pg_stat_activity
      where datname = coalesce(\(name), current_database()) and pid <> pg_backend_pid()
        and coalesce(backend_type, 'client backend') = 'client backend'
      order by pid
      """
    ).map { try $0.get("who") }
  }
}
