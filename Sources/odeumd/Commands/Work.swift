import ArgumentParser
import Foundation
import Hosting
import Logging
import ServiceLifecycle

/// Works beside a serving control plane until it is told to stop.
struct Work: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Work on operations, beside an odeumd serve on the same database.",
    discussion: """
      Any number of processes may share one database, which DATABASE_URL names. Each server is looked after by one of \
      them; where a process ends or dies, the others take over what it had. The master key must be the same for all.
      """)

  func run() async throws {
    let settings = Settings()
    try settings(Settings.logFormat).begin(level: settings(Settings.logLevel))
    let logger = Logger(label: "odeumd")
    try await tellingFailures {
      guard try !settings(Settings.databaseURL).isEmpty else {
        throw HostingError(
          .invalid, "A worker shares the database of a control plane, and DATABASE_URL names none.",
          suggestion:
            "Run PostgreSQL where both reach it, and set DATABASE_URL for odeumd serve and for this.")
      }
      let state = try await State.open(settings, logger: logger)
      do {
        let group = ServiceGroup(
          services: try state.workers(settings), gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
      } catch {
        await state.close()
        throw error
      }
      await state.close()
    }
  }
}

extension State {
  /// What every process of a control plane does: it works on operations and looks after servers.
  func workers(_ settings: Settings) throws -> [any Service] {
    let operations = try settings(Settings.workers)
    let upkeep = try settings.upkeep(in: folder)
    let lock = try DataFolderLock.worker(of: folder)
    // A second process with the same folder must not pass for the first one.
    let name = lock == nil ? "\(identity) \(UUID().uuidString)" : identity
    return [
      Running { [hosting] in
        // Holds the lock as long as there is this service.
        defer { withExtendedLifetime(lock) {} }
        try await hosting.runWorker(
          operationsAtOnce: operations, identity: name, holdsFolder: lock != nil, upkeep: upkeep)
      },
      Running { [hosting] in try await hosting.runWatcher() },
    ]
  }
}
