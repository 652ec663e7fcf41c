import Foundation
import Hosting
import Logging
import Postgres

/// What the control plane keeps and works with: the database, the master key, the domain.
struct State: Sendable {
  let hosting: Hosting
  let database: Database
  /// Names this data folder, so that a start can tell the jobs of its own killed predecessor.
  let identity: String
  private let premises: Premises

  /// The built-in PostgreSQL, where this process runs it.
  var cluster: PrivateCluster? { premises.cluster }
  /// The data folder.
  var folder: DataFolder { premises.folder }

  /// Opens everything for serving. Without DATABASE_URL the built-in PostgreSQL is started.
  static func open(_ settings: Settings, logger: Logger) async throws -> State {
    try await connect(Premises.open(settings, .own, .shared, logger: logger), settings, logger)
  }

  /// Opens everything for one command. A built-in PostgreSQL that runs for a serving process is used;
  /// otherwise it is started for this command. There must be a control plane already.
  static func attach(_ settings: Settings, logger: Logger) async throws -> State {
    try await connect(Premises.open(settings, .join, .shared, logger: logger), settings, logger)
  }

  private static func connect(_ premises: Premises, _ settings: Settings, _ logger: Logger) async throws
    -> State
  {
    do {
      let database = Database(
        premises.configuration, connections: try settings(Settings.connections), logger: logger)
      let key =
        try await premises.key(settings, for: database, logger: logger) ?? premises.folder.masterKey.make()
      let identity = try premises.folder.identity()
      var configuration = try settings.hosting()
      if configuration.machine.isEmpty { configuration.machine = identity }
      // Leads to this program also where its file was replaced by a newer one.
      configuration.gateProgram = "/proc/\(getpid())/exe"
      let hosting = try await Hosting.open(
        database: database, masterKey: key, configuration: configuration, logger: logger)
      return State(hosting: hosting, database: database, identity: identity, premises: premises)
    } catch {
      await premises.close()
      throw error
    }
  }

  /// Closes what is open, the built-in PostgreSQL last.
  func close() async {
    await hosting.disconnect()
    await database.close()
    await premises.close()
  }
}
