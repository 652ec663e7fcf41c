import Foundation
import Logging
import Postgres

/// The PostgreSQL server that this test process works with: the one that `ODEUM_TEST_DATABASE_URL` names, or a
/// private cluster in a folder of `/tmp` that ends with the process, however that ends.
actor TestServer {
  static let shared = TestServer()

  private var starting: Task<Database, any Error>?
  private var templates: [String: Task<String, any Error>] = [:]
  private var cluster: PrivateCluster?
  private var leases = 0

  /// Connections to the maintenance database.
  func maintenance() async throws -> Database {
    if let starting { return try await starting.value }
    let task = Task { try await self.start() }
    starting = task
    return try await task.value
  }

  /// Makes a database with these migrations applied. Returns how to connect to it.
  func makeDatabase(_ migrations: [Migration]) async throws -> PostgresConfiguration {
    let maintenance = try await maintenance()
    let template = try await template(migrations, maintenance)
    leases += 1
    let name = "odeum_test_\(getpid())_\(leases)"
    try await maintenance.execute("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
    var configuration = maintenance.configuration
    configuration.database = name
    // Other tests may take the machine for longer than that of the product.
    configuration.transactionPatience = .seconds(60)
    return configuration
  }

  /// Ends what is still connected to a database and removes it.
  func dropDatabase(_ name: String) async throws {
    try await maintenance().execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
  }

  private func start() async throws -> Database {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    if let url = ProcessInfo.processInfo.environment["ODEUM_TEST_DATABASE_URL"] {
      return Database(try PostgresConfiguration(url: url), connections: 4, logger: logger)
    }
    let folder = "/tmp/odeum-test-\(getpid())"
    try CleanUp.afterThisProcess(removing: folder)
    var options = PrivateCluster.Options()
    options.isDurable = false
    options.settings = ["max_connections": "600"]
    let cluster = try PrivateCluster(folder: folder, options: options, logger: logger)
    self.cluster = cluster
    try await cluster.start()
    var configuration = cluster.configuration
    configuration.database = "postgres"
    return Database(configuration, connections: 4, logger: logger)
  }

  /// The database that leases are copies of: migrated once for each set of migrations.
  private func template(_ migrations: [Migration], _ maintenance: Database) async throws -> String {
    guard !migrations.isEmpty else { return "template0" }
    let name = "odeum_template_\(Migrator(migrations).fingerprint)"
    if let task = templates[name] { return try await task.value }
    let task = Task {
      let found = try await maintenance.query("SELECT 1 FROM pg_database WHERE datname = \(name)")
      if found.isEmpty { try await self.makeTemplate(name, migrations, maintenance) }
      return name
    }
    templates[name] = task
    return try await task.value
  }

  /// Made under another name, so that a template that exists is complete.
  private func makeTemplate(_ name: String, _ migrations: [Migration], _ maintenance: Database) async throws {
    let new = "\(name)_\(getpid())"
    try await maintenance.execute("CREATE DATABASE \(identifier: new) TEMPLATE template0")
    var configuration = maintenance.configuration
    configuration.database = new
    let database = Database(configuration, connections: 1, logger: maintenance.logger)
    try await Migrator(migrations).migrate(database)
    await database.close()
    do {
      try await maintenance.execute("ALTER DATABASE \(identifier: new) RENAME TO \(identifier: name)")
    } catch let error as PostgresError where error.sqlState == "42P04" {
      // Another test process on the same server was faster.
      try await dropDatabase(new)
    }
  }
}
