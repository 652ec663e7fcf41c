import Foundation
import Jobs
import Logging
import Postgres

/// What a restore has brought back.
public struct RestoredControlPlane: Sendable {
  /// What the backup says of itself.
  public var manifest: BackupManifest
  /// How many instances there are, which are looked at when the control plane runs again.
  public var instances: Int
  /// How many operations were under way when the backup was made; all of them were ended.
  public var endedOperations: Int
  /// How many API tokens are good again, those that were revoked since among them.
  public var tokens: Int
  /// Secrets that do not open under the master key, as they did not when the backup was made.
  public var damagedSecrets: [String]
}

/// Restores the control plane's database from a backup, all of it or nothing: what is restored gets the database's
/// name in the very transaction in which the former one loses it.
///
/// No control plane may run on the database; whoever calls this holds the data folder alone.
public struct RestoreControlPlane: Sendable {
  private let key: MasterKey
  private let logger: Logger
  private let backup: BackupFile

  /// Reads `file` and looks whether it can be restored by this program with one of `keys`.
  ///
  /// - Throws: `HostingError` for a file that is damaged, was made by a newer Odeum or under another master key.
  public init(_ file: String, keys: [MasterKey], logger: Logger) async throws {
    let backup = try await onOwnThread("restore") {
      let backup = try BackupFile(at: file)
      try Self.requireKnownSchema(backup)
      return backup
    }
    key = try Self.rightKey(among: keys, for: backup)
    try await onOwnThread("restore") { try backup.checkDump() }
    self.backup = backup
    self.logger = logger
  }

  /// What the backup says of itself.
  public var manifest: BackupManifest { backup.manifest }

  /// Restores it.
  ///
  /// - Parameters:
  ///   - configuration: how to connect to the database, which may be missing.
  ///   - replacing: whether a control plane that is in the database gives way.
  ///   - rehearsing: whether the restored one is to leave the servers over SSH alone, since another one owns them.
  /// - Throws: `HostingError`, after which the database is as it was.
  public func run(
    into configuration: PostgresConfiguration, replacing: Bool, rehearsing: Bool = false
  ) async throws -> RestoredControlPlane {
    try await tellingOperators {
      let swap = try await DatabaseSwap(
        configuration, mark: manifest.installation.uuidString.prefix(8).lowercased(), logger: logger)
      do {
        let restored = try await restore(swap, replacing: replacing, rehearsing: rehearsing)
        await swap.close()
        return restored
      } catch {
        await swap.close()
        throw error
      }
    }
  }

  private func restore(_ swap: DatabaseSwap, replacing: Bool, rehearsing: Bool) async throws
    -> RestoredControlPlane
  {
    try await swap.requireRoom(replacing: replacing, for: manifest)
    let major = try await swap.maintenance.serverVersion() / 10_000
    guard major >= manifest.postgres else {
      throw HostingError(
        .conflict,
        "The backup was made on PostgreSQL \(manifest.postgres), and this server is older: \(major).",
        suggestion: "Restore into PostgreSQL \(manifest.postgres) or newer.")
    }
    let programs = try DumpPrograms.find(forServer: max(major, manifest.postgres))
    let new = try await swap.makeNew()
    CrashPoint.reach("restore/made")
    let restored: RestoredControlPlane
    do {
      try await fill(new, programs)
      restored = try await complete(new, rehearsing: rehearsing)
      CrashPoint.reach("restore/completed")
      try await swap.exchange()
    } catch {
      await swap.removeNew()
      throw error
    }
    CrashPoint.reach("restore/exchanged")
    try await verify(swap.configuration)
    await swap.removeFormer()
    return restored
  }

  /// Brings the dump into a database without tables.
  private func fill(_ new: PostgresConfiguration, _ programs: DumpPrograms) async throws {
    let backup = backup
    try await onOwnThread("restore") {
      let dump = try backup.dump()
      try programs.restore(into: new) { buffer in
        let count = try dump.next(buffer)
        // Everything was given, and the end was not told yet.
        if count == 0 { CrashPoint.reach("restore/begun") }
        return count
      }
      try dump.check()
    }
    CrashPoint.reach("restore/filled")
  }

  /// Brings the restored database to this program's schema and to the present.
  private func complete(
    _ new: PostgresConfiguration, rehearsing: Bool
  ) async throws -> RestoredControlPlane {
    let database = Database(new, connections: 1, logger: logger)
    do {
      let restored = try await complete(database, rehearsing: rehearsing)
      await database.close()
      return restored
    } catch {
      await database.close()
      throw error
    }
  }

  private func complete(_ database: Database, rehearsing: Bool) async throws -> RestoredControlPlane {
    try await Migrator(Schema.migrations).migrate(database)
    guard let kept = try await KeptKey(database), kept.installation == manifest.installation, kept.isOf(key)
    else {
      throw BackupFile.damaged(backup.path, "its dump is not of the installation that its manifest names")
    }
    return try await database.transaction { connection in
      let state = RestoredState(from: manifest)
      let ended = try await state.endOperations(connection)
      let instances = try await state.markInstances(connection)
      try await state.claimServers(rehearsing: rehearsing, connection)
      let tokens: Int = try await connection.query("select count(*) from api_tokens")[0].get("count")
      return RestoredControlPlane(
        manifest: manifest, instances: instances, endedOperations: ended, tokens: tokens,
        damagedSecrets: try await key.placesThatDoNotOpen(connection))
    }
  }

  /// Looks that the database under its name is the restored one; the former one is still there.
  private func verify(_ configuration: PostgresConfiguration) async throws {
    let database = Database(configuration, connections: 1, logger: logger)
    let kept: KeptKey?
    do {
      kept = try await KeptKey(database)
      await database.close()
    } catch {
      await database.close()
      throw error
    }
    guard let kept, kept.installation == manifest.installation, kept.isOf(key) else {
      throw HostingError(
        .internal, "The restored database is not what is found under its name in \(configuration).",
        suggestion: "The former one is still there under another name; look at the server.")
    }
  }

  private static func requireKnownSchema(_ backup: BackupFile) throws {
    let known = Set(Schema.migrations.map { BackupManifest.Migration(list: $0.list, name: $0.name) })
    guard let unknown = backup.manifest.migrations.first(where: { !known.contains($0) }) else { return }
    throw HostingError(
      .conflict,
      "\(backup.path) was made by a newer Odeum (\(backup.manifest.odeum)): its schema has "
        + "“\(unknown.name)”, which this program does not know.",
      suggestion: "Restore it with Odeum \(backup.manifest.odeum) or later. Nothing was changed.")
  }

  /// The key under which the backup was made. With it, the manifest proves itself.
  private static func rightKey(among keys: [MasterKey], for backup: BackupFile) throws -> MasterKey {
    let manifest = backup.manifest
    guard !keys.isEmpty else {
      throw HostingError(
        .notFound, "There is no master key, and without it no backup can be used.",
        suggestion: "Put the master.key from your safe into the data folder, or give it as ODEUM_MASTER_KEY.")
    }
    let right = keys.first {
      $0.checkValue(installation: manifest.installation).hexadecimal == manifest.masterKeyCheck
    }
    guard let right else {
      throw HostingError(
        .conflict, "\(backup.path) was made under another master key.",
        suggestion:
          "Give the key from the time of the backup (\(manifest.moment)) as ODEUM_MASTER_KEY, or put it "
          + "into the data folder as master.key. After a change of the key, the former one is in master.key.old. "
          + "Nothing was changed.")
    }
    guard BackupSeal(of: backup.manifestBytes, under: right) == backup.seal else {
      throw BackupFile.damaged(backup.path, "somebody without the master key changed it")
    }
    return right
  }
}
