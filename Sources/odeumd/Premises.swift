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
    /// Any that runs, else this process runs it meanwhile.
    case join
    /// As `join`, but there must be a database already.
    case joinExisting
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
      let folder = try DataFolder(path)
      return Premises(
        folder: folder, configuration: try PostgresConfiguration(url: url), cluster: nil,
        lock: try DataFolderLock(folder, use))
    }
    let folder = start == .joinExisting ? try DataFolder(existing: path) : try DataFolder(path)
    let lock = try DataFolderLock(folder, use)
    let cluster = try PrivateCluster(folder: folder.path + "/postgres", logger: logger)
    if start == .joinExisting, !cluster.isMade {
      throw HostingError(
        .notFound, "There is no control plane in \(folder.path): it has no database.",
        suggestion: "Name the right data folder as ODEUM_DATA, or the database as DATABASE_URL.")
    }
    do {
      logger.info("Starting the built-in PostgreSQL", metadata: ["folder": "\(folder.path)/postgres"])
      try await cluster.start()
    } catch ClusterError.inUse where start != .own {
      return Premises(folder: folder, configuration: cluster.configuration, cluster: nil, lock: lock)
    }
    return Premises(folder: folder, configuration: cluster.configuration, cluster: cluster, lock: lock)
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
