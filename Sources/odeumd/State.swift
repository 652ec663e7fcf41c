import Foundation
import Hosting
import Logging
import Postgres

/// What the control plane keeps and works with: the database, the master key, the domain.
struct State: Sendable {
  let hosting: Hosting
  let database: Database
  /// The built-in PostgreSQL, where this process runs it.
  let cluster: PrivateCluster?
  /// Names this data folder, so that a start can tell the jobs of its own killed predecessor.
  let identity: String

  /// Opens everything for serving. Without DATABASE_URL the built-in PostgreSQL is started.
  static func open(_ settings: Settings, logger: Logger) async throws -> State {
    let folder = try DataFolder(settings(Settings.data))
    let url = try settings(Settings.databaseURL)
    guard url.isEmpty else {
      return try await connect(PostgresConfiguration(url: url), nil, folder, settings, logger)
    }
    let cluster = try PrivateCluster(folder: folder.path + "/postgres", logger: logger)
    logger.info("Starting the built-in PostgreSQL", metadata: ["folder": "\(folder.path)/postgres"])
    try await cluster.start()
    do {
      return try await connect(cluster.configuration, cluster, folder, settings, logger)
    } catch {
      await cluster.stop()
      throw error
    }
  }

  /// Opens everything for one command. A built-in PostgreSQL that runs for a serving process is used;
  /// otherwise it is started for this command.
  static func attach(_ settings: Settings, logger: Logger) async throws -> State {
    guard try settings(Settings.databaseURL).isEmpty else { return try await open(settings, logger: logger) }
    let folder = try DataFolder(settings(Settings.data))
    let cluster = try PrivateCluster(folder: folder.path + "/postgres", logger: logger)
    do {
      try await cluster.start()
    } catch ClusterError.inUse {
      return try await connect(cluster.configuration, nil, folder, settings, logger)
    }
    return try await connect(cluster.configuration, cluster, folder, settings, logger)
  }

  private static func connect(
    _ configuration: PostgresConfiguration, _ cluster: PrivateCluster?, _ folder: DataFolder,
    _ settings: Settings,
    _ logger: Logger
  ) async throws -> State {
    let database = Database(configuration, connections: try settings(Settings.connections), logger: logger)
    let given = try settings(Settings.masterKey)
    let key =
      given.isEmpty ? try MasterKey.kept(at: folder.path + "/master.key") : try MasterKey(base64: given)
    let hosting = try await Hosting.open(
      database: database, masterKey: key, configuration: settings.hosting(), logger: logger)
    return State(hosting: hosting, database: database, cluster: cluster, identity: try folder.identity())
  }

  /// Closes what is open, the built-in PostgreSQL last.
  func close() async {
    await hosting.disconnect()
    await database.close()
    await cluster?.stop()
  }
}

/// The folder of the control plane on this machine.
struct DataFolder {
  let path: String

  /// The folder at `path`, made where it is missing. Other users may pass through it (the built-in PostgreSQL
  /// runs as one), not look into it.
  init(_ path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
    } catch {
      throw HostingError(
        .unavailable, "The data folder \(path) cannot be made: \(error.localizedDescription)",
        suggestion: "Make it for the user that runs odeumd, or name another one as ODEUM_DATA.")
    }
  }

  /// A name that stays the same as long as the folder does.
  func identity() throws -> String {
    let file = path + "/identity"
    if let kept = try? String(contentsOfFile: file, encoding: .utf8) {
      return kept.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let made = UUID().uuidString
    try PrivateFile.write(made + "\n", to: file)
    return made
  }
}
