import Logging

/// A PostgreSQL database: a pool of connections, transactions, and notifications.
///
/// Connections are opened when first needed and replaced when they break. Whoever waits for one is served in
/// turn. Cancelling a task cancels its statement on the server.
public final class Database: Sendable {
  /// Where the database is.
  public let configuration: PostgresConfiguration
  package let logger: Logger
  let pool: ConnectionPool
  let listener: Listener
  private let maintenance: Task<Void, Never>

  /// A pool of at most that many connections, each with a thread of its own; none is opened yet.
  /// One more serves all of `listen`.
  public init(_ configuration: PostgresConfiguration, connections: Int, logger: Logger) {
    let pool = ConnectionPool(configuration, capacity: connections, logger: logger)
    self.configuration = configuration
    self.logger = logger
    self.pool = pool
    listener = Listener(configuration, logger: logger)
    maintenance = Task.detached { [weak pool] in
      while (try? await Task.sleep(for: .seconds(30))) != nil, let pool { pool.removeBroken() }
    }
  }

  deinit {
    maintenance.cancel()
    listener.close()
  }

  /// Runs one statement on any connection and returns its rows.
  ///
  /// Throws `PostgresError`, of kind `connectionLost` when the connection broke while the statement was in
  /// flight, so that it may or may not have been done; `CancellationError` when the task is cancelled.
  @discardableResult
  public func query(_ sql: SQL) async throws -> [Row] {
    try await run(sql).rows
  }

  /// Runs one statement on any connection and returns how many rows it inserted, changed or removed.
  @discardableResult
  public func execute(_ sql: SQL) async throws -> Int {
    try await run(sql).affectedRows
  }

  /// How many tasks wait for a connection now; more than a few for long means that the pool is too small.
  public var waitingCount: Int { pool.waitingCount }

  /// Lends a connection to the body.
  public func withConnection<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Connection) async throws -> sending Result
  ) async throws -> sending Result {
    let connection = Connection(session: try await pool.lend())
    defer {
      connection.giveBack()
      pool.takeBack(connection.session)
    }
    return try await body(connection)
  }

  /// The server's version number, such as 150018 for 15.18. Connects if nobody has yet.
  public func serverVersion() async throws -> Int {
    if pool.serverVersion == 0 { try await withConnection { _ in } }
    return pool.serverVersion
  }

  /// Throws `PostgresError` with a text for people unless the server has at least that major version.
  public func requireVersion(_ major: Int) async throws {
    let version = try await serverVersion()
    guard version / 10_000 >= major else {
      throw PostgresError(
        .misuse,
        "the PostgreSQL server at \(configuration) has version \(version / 10_000).\(version % 10_000), and "
          + "version \(major) or newer is needed: upgrade that server, or use another one")
    }
  }

  /// Ends listening, refuses new work and returns when the work that runs has given its connections back.
  public func close() async {
    maintenance.cancel()
    listener.close()
    await pool.close()
  }

  private func run(_ sql: SQL) async throws -> ResultTable {
    let session = try await pool.lend()
    defer { pool.takeBack(session) }
    return try await session.run(sql)
  }
}
