import Logging
import Postgres

/// Lends a fresh database with these migrations applied, and removes it afterwards.
///
/// Databases are copies of a template that is migrated once, so each costs some tens of milliseconds, and tests
/// that have one each can run side by side. The server is started when the first test asks.
public func withDatabase<Result: Sendable>(
  migrations: [Migration] = [],
  connections: Int = 4,
  logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
  isolation: isolated (any Actor)? = #isolation,
  _ body: (Database) async throws -> sending Result
) async throws -> sending Result {
  let configuration = try await TestServer.shared.makeDatabase(migrations)
  let database = Database(configuration, connections: connections, logger: logger)
  do {
    let result = try await body(database)
    // Not awaited: a test may leave work behind that would never give its connection back.
    await TestServer.shared.drop(database)
    return result
  } catch {
    await TestServer.shared.drop(database)
    throw error
  }
}

extension TestServer {
  /// Ends a lease. A database that cannot be dropped only costs space until the server goes.
  fileprivate func drop(_ database: Database) async {
    do {
      try await dropDatabase(database.configuration.database)
    } catch {
      print("a test database could not be dropped: \(error)")
    }
    await database.close()
  }
}
