import CLibpq
import Glibc
import Logging
import Synchronization

/// A connection to the server: an actor on a thread of its own, which blocks in libpq while a statement runs.
///
/// The pool lends it to one user at a time as a `Connection`.
actor Session {
  private nonisolated let executor: ThreadExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private nonisolated let gate = CancellationGate()
  private nonisolated let sharedState = Atomic(State.closed.rawValue)
  private nonisolated let socket = Atomic<Int32>(-1)
  private let logger: Logger
  private var handle: ConnectionHandle?
  private var statements = StatementCache()

  /// What others may know of it without waiting for its thread.
  enum State: UInt8 {
    case closed, idle, inTransaction
  }

  nonisolated var state: State { State(rawValue: sharedState.load(ordering: .acquiring)) ?? .closed }

  init(logger: Logger) throws {
    executor = try ThreadExecutor(name: "postgres")
    self.logger = logger
  }

  /// Connects; while the server is away or starting, again until the patience ends. Returns its version number.
  nonisolated func connect(_ configuration: PostgresConfiguration) async throws -> Int {
    let ticket = StatementTicket()
    let clock = ContinuousClock()
    let end = clock.now + configuration.connectPatience
    var pause = Duration.milliseconds(50)
    while true {
      do {
        return try await withTaskCancellationHandler {
          try await open(configuration, ticket)
        } onCancel: {
          ticket.isCancelled.store(true, ordering: .releasing)
        }
      } catch let error as PostgresError where error.kind == .cannotConnect && clock.now + pause < end {
        guard await isAway(configuration) else { throw error }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(500))
      }
    }
  }

  private func open(_ configuration: PostgresConfiguration, _ ticket: StatementTicket) throws -> Int {
    let handle = try ConnectionHandle(configuration, logger: logger) {
      ticket.isCancelled.load(ordering: .acquiring)
    }
    try limitTransactions(to: configuration.transactionPatience, on: handle)
    self.handle = handle
    gate.replaceHandle(with: PQgetCancel(handle.connection))
    socket.store(handle.socket, ordering: .releasing)
    sharedState.store(State.idle.rawValue, ordering: .releasing)
    return handle.serverVersion
  }

  /// A statement and no parameter of the connection, since poolers refuse those that they do not know.
  private func limitTransactions(to patience: Duration, on handle: ConnectionHandle) throws {
    let statement = "SET idle_in_transaction_session_timeout = \(Int(patience / .milliseconds(1)))"
    let result = PQexec(handle.connection, statement)
    try ServerAnswer.check(result, handle, statement: statement)
    PQclear(result)
  }

  /// Whether the server does not answer at all or says that it is starting or stopping.
  private func isAway(_ configuration: PostgresConfiguration) -> Bool {
    let answer = CStrings.with(configuration.effectiveParameters) { PQpingParams($0, $1, 0) }
    return answer == PQPING_REJECT || answer == PQPING_NO_RESPONSE
  }

  /// Whether the server has closed the connection, or sent something, while nobody used it. May be called from
  /// any thread, by the only user of the session.
  nonisolated func hasNews() -> Bool {
    var socket = pollfd(fd: socket.load(ordering: .acquiring), events: Int16(POLLIN), revents: 0)
    return poll(&socket, 1, 0) != 0
  }

  /// Runs one statement, in the extended protocol, prepared on its first use.
  ///
  /// When the task is cancelled, the statement is cancelled on the server and `CancellationError` thrown.
  nonisolated func run(_ statement: SQL) async throws -> ResultTable {
    if let failure = statement.failure { throw failure }
    let ticket = StatementTicket()
    return try await withTaskCancellationHandler {
      try await perform(statement, ticket)
    } onCancel: {
      gate.cancel(ticket)
    }
  }

  /// Runs one statement that must not be given up half way, such as ROLLBACK.
  func runUncancelled(_ statement: SQL) throws -> ResultTable {
    try perform(statement, StatementTicket())
  }

  private func perform(_ statement: SQL, _ ticket: StatementTicket) throws -> ResultTable {
    guard let handle else {
      throw PostgresError(.connectionLost, "the connection to PostgreSQL is closed")
    }
    try gate.begin(ticket)
    defer { finish(handle) }
    do {
      return try execute(statement, on: handle)
    } catch let error as PostgresError {
      if error.sqlState == "57014", ticket.isCancelled.load(ordering: .acquiring) {
        throw CancellationError()
      }
      throw error
    }
  }

  private func finish(_ handle: ConnectionHandle) {
    gate.end()
    guard handle.isAlive else { return drop() }
    let state: State = handle.isInTransaction ? .inTransaction : .idle
    sharedState.store(state.rawValue, ordering: .releasing)
  }

  private func execute(_ statement: SQL, on handle: ConnectionHandle) throws -> ResultTable {
    let text = statement.text
    let key = StatementCache.Key(text: text, types: statement.values.map(\.oid))
    logger.trace("\(text)")
    for isRepeated in [false, true] {
      let prepared = try find(key, on: handle)
      let result = Parameters(statement.values).withPointers { values, lengths, formats, count in
        PQexecPrepared(handle.connection, prepared.name, count, values, lengths, formats, 1)
      }
      do {
        try ServerAnswer.check(result, handle, statement: text)
      } catch let error as PostgresError {
        // A table was altered below the prepared statement, or someone discarded it: prepared anew next time,
        // and this time too unless the error has ended a transaction.
        guard ServerAnswer.isStalePlan(error) else { throw error }
        statements.remove(key)
        if isRepeated || handle.isInTransaction { throw error }
        continue
      }
      guard let result else { break }
      let columns = prepared.columns ?? ResultColumns(result)
      if prepared.columns == nil { statements.setColumns(columns, for: key) }
      return ResultTable(result, columns: columns)
    }
    throw PostgresError(.server, "the statement could not be prepared again")
  }

  private func find(_ key: StatementCache.Key, on handle: ConnectionHandle) throws -> StatementCache.Statement
  {
    if let prepared = statements.find(key) { return prepared }
    let name = statements.nextName()
    let result = PQprepare(handle.connection, name, key.text, Int32(key.types.count), key.types)
    defer { PQclear(result) }
    try ServerAnswer.check(result, handle, statement: key.text, clearing: false)
    if let evicted = statements.insert(name, for: key) {
      PQclear(PQexec(handle.connection, "DEALLOCATE \(evicted)"))
    }
    return StatementCache.Statement(name: name)
  }

  /// Runs a script of several statements without values, as migrations are; on error, libpq's last result tells.
  func runScript(_ script: String) throws {
    guard let handle else { throw PostgresError(.connectionLost, "the connection to PostgreSQL is closed") }
    defer { finish(handle) }
    let result = PQexec(handle.connection, script)
    defer { PQclear(result) }
    try ServerAnswer.check(result, handle, statement: script, clearing: false)
  }

  /// Ends the connection.
  func close() {
    drop()
  }

  private func drop() {
    sharedState.store(State.closed.rawValue, ordering: .releasing)
    socket.store(-1, ordering: .releasing)
    gate.replaceHandle(with: nil)
    handle = nil
  }
}
