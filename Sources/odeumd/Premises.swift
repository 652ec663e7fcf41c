import Foundation
import Hosting
import Logging
import Postgres

/// Where the control plane is at home: its data folder, and the database, which is the built-in one or another.
/// Nothing in them is looked at yet.
struct Premises: Sendable {
  /// What a command needs of the built-in PostgreSQL.
  enum Start {
    /// This process runs it; it must not run for another one.
    case own
    /// Any that runs, else this process runs it meanwhile. There must be a control plane: none is made.
    case join
  }

  let folder: DataFolder
  let configuration: PostgresConfiguration
  /// The built-in PostgreSQL, where this process runs it.
  let cluster: PrivateCluster?
  private let lock: DataFolderLock

  static func open(_ settings: Settings, _ start: Start, _ use: DataFolderLock.Use, logger: Logger)
    async throws
    -> Premises
  {
    let path = try settings(Settings.data)
    let url = try settings(Settings.databaseURL)
    guard url.isEmpty else {
      let configuration = try PostgresConfiguration(url: url)
      // Before the folder is made, so that nothing is left of a command that was given the wrong database.
      if start == .join { try await requireControlPlane(in: configuration, logger) }
      let folder = try DataFolder(path)
      return Premises(
        folder: folder, configuration: configuration, cluster: nil, lock: try DataFolderLock(folder, use))
    }
    let folder = start == .join ? try DataFolder(existing: path) : try DataFolder(path)
    let lock = try DataFolderLock(folder, use)
    let cluster = try PrivateCluster(folder: folder.database, logger: logger)
    do {
      logger.info("Starting the built-in PostgreSQL", metadata: ["folder": "\(folder.path)/postgres"])
      try await cluster.start()
    } catch ClusterError.inUse where start != .own {
      return Premises(folder: folder, configuration: cluster.configuration, cluster: nil, lock: lock)
    }
    let premises = Premises(
      folder: folder, configuration: cluster.configuration, cluster: cluster, lock: lock)
    guard start == .join else { return premises }
    do {
      // The first start may have been killed between the database and what is in it.
      try await requireControlPlane(in: cluster.configuration, logger)
      return premises
    } catch {
      await premises.close()
      throw error
    }
  }

  /// - Throws: `HostingError` with code `notFound` where that database holds no control plane.
  private static func requireControlPlane(in configuration: PostgresConfiguration, _ logger: Logger)
    async throws
  {
    let database = Database(configuration, connections: 1, logger: logger)
    let isThere: Bool
    do {
      isThere = try await Hosting.isInstalled(in: database)
    } catch {
      await database.close()
      throw error
    }
    await database.close()
    guard isThere else {
      throw HostingError(
        .notFound, "There is no control plane in the database \(configuration).",
        suggestion:
          "Name the right database as DATABASE_URL; without DATABASE_URL, the data folder as ODEUM_DATA.")
    }
  }

  /// The keys of which one is right, that of the settings before those of the data folder.
  static func keys(in folder: DataFolder, _ settings: Settings) throws -> [MasterKey] {
    let given = try [Settings.masterKey, Settings.newMasterKey].map { try settings($0) }
    guard !given[0].isEmpty else { return try folder.masterKey.candidates() }
    return try given.filter { !$0.isEmpty }.map { try MasterKey(base64: $0) }
  }

  /// The key under which the database was written, nil where there is neither an installation nor a key yet.
  /// A change of the key that was cut off is brought to its end.
  func key(_ settings: Settings, for database: Database, logger: Logger) async throws -> MasterKey? {
    let keys = try Self.keys(in: folder, settings)
    guard let key = try await MasterKey.right(among: keys, in: database) else { return nil }
    guard try settings(Settings.masterKey).isEmpty else {
      if key.base64 != keys[0].base64 {
        logger.warning("The database is under ODEUM_NEW_MASTER_KEY: set ODEUM_MASTER_KEY to that key")
      }
      return key
    }
    try folder.masterKey.settle(on: key)
    return key
  }

  /// Stops what this process started.
  func close() async { await cluster?.stop() }
}
