import ArgumentParser
import Foundation
import Hosting
import Logging
import Postgres

/// Backs the control plane up.
struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Back up the control plane: what it knows, without the master key and without the instances' data.",
    discussion: """
      Works while the control plane runs and while it does not. Prints the path of the backup, which has been read \
      back and found whole by then. Keep the master key elsewhere: odeumd admin key export.
      """)

  @Option(help: "A file that does not exist yet, or a folder. By default ODEUM_BACKUP_FOLDER.")
  var to: String?

  @Option(help: "Remove the oldest backups of this installation in the folder, so that this many are left.")
  var keep: Int?

  func run() async throws {
    try await withDatabase(.join, .shared) { premises, database, settings, logger in
      guard let key = try await premises.key(settings, for: database, logger: logger) else {
        throw HostingError(
          .notFound, "There is no control plane in the database \(premises.configuration).",
          suggestion: "Name the right database or data folder (DATABASE_URL, ODEUM_DATA).")
      }
      let place = try BackupPlace(to ?? settings.backups(of: premises.folder) + "/")
      let written = try await BackUpControlPlane(database, key: key, version: Odeumd.version)
        .write(to: place, keep: keep)
      print(written.path)
      tell("\(written.bytes) bytes, of \(written.manifest.moment), read back and found whole.")
      for path in written.removed { tell("Removed \(path).") }
    }
  }
}

extension AsyncParsableCommand {
  /// Lends the database as it is, without looking into it or changing its schema.
  func withDatabase(
    _ start: Premises.Start, _ use: DataFolderLock.Use,
    _ body: (Premises, Database, Settings, Logger) async throws -> Void
  ) async throws {
    let settings = Settings()
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = .warning
      return handler
    }
    let logger = Logger(label: "odeumd")
    try await tellingFailures {
      let premises = try await Premises.open(settings, start, use, logger: logger)
      // One: whoever has to be alone with the database must not meet himself.
      let database = Database(premises.configuration, connections: 1, logger: logger)
      do {
        try await body(premises, database, settings, logger)
      } catch {
        await database.close()
        await premises.close()
        throw error
      }
      await database.close()
      await premises.close()
    }
  }

  /// Says something to the person, apart from what the command prints for others to read.
  func tell(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
  }
}
