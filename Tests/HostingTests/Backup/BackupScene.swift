import Foundation
import Logging
import Postgres
import PostgresTesting
import Testing

@testable import Hosting

/// A control plane with one instance, and a folder for its backups.
struct BackupScene {
  static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  let hosting: Hosting
  let key: MasterKey
  let folder: String

  /// Lends one. The instance is being created by an operation that nobody works on.
  static func with(_ body: (BackupScene) async throws -> Void) async throws {
    let key = MasterKey()
    var configuration = HostingConfiguration()
    configuration.dockerSocket = "/nonexistent/docker.sock"
    try await withHosting(key: key, configuration: configuration) { hosting in
      let scene = BackupScene(hosting: hosting, key: key, folder: try temporaryFolder())
      _ = try await hosting.createInstance(
        NewInstance(name: "shop"), idempotencyKey: nil, by: hosting.person(Hosting.firstEmail))
      try await body(scene)
    }
  }

  /// Backs up into the folder, or where `place` says.
  @discardableResult
  func backUp(to place: BackupPlace? = nil, keep: Int? = nil) async throws -> WrittenBackup {
    try await BackUpControlPlane(hosting.database, key: key, version: "9.9.9")
      .write(to: place ?? .folder(folder), keep: keep)
  }

  /// Restores `file` with `keys`, by default the right one.
  static func restore(
    _ file: String, into configuration: PostgresConfiguration, _ keys: [MasterKey], replacing: Bool = false
  ) async throws -> RestoredControlPlane {
    try await RestoreControlPlane(file, keys: keys, logger: logger).run(
      into: configuration, replacing: replacing)
  }

  /// What restoring `file` into a new, empty database is refused with; that database must stay empty.
  func refusal(of file: String, keys: [MasterKey]? = nil) async throws -> HostingError? {
    try await withDatabase { target in
      let error = await #expect(throws: HostingError.self) {
        _ = try await Self.restore(file, into: target.configuration, keys ?? [key])
      }
      let tables = try await target.query("select from pg_class where relname = 'installation'")
      let remains = try await Self.remains(target)
      #expect(tables.isEmpty && remains.isEmpty)
      return error
    }
  }

  /// Databases of other names that a restore left on the server.
  static func remains(_ database: Database) async throws -> [String] {
    let begin = "\(database.configuration.database)_re%"
    return try await database.query(
      "select datname::text as name from pg_database where datname like \(begin)"
    )
    .map { try $0.get("name") }
  }

  /// Opens what was restored.
  @discardableResult
  func opened<Value: Sendable>(
    _ configuration: PostgresConfiguration, _ body: (Hosting) async throws -> Value
  ) async throws -> Value {
    let database = Database(configuration, connections: 2, logger: Self.logger)
    let restored = try await Hosting.open(
      database: database, masterKey: key, configuration: hosting.configuration,
      passwords: PasswordHasher(cost: 8, parallelism: 1), logger: Self.logger)
    let value = try await body(restored)
    await database.close()
    return value
  }
}

/// The names of what is in a folder.
func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }
