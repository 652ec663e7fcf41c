import Logging
import Synchronization

/// Lends sessions: at most `capacity` at a time, first come first served, replacing those that broke.
final class ConnectionPool: Sendable {
  private let configuration: PostgresConfiguration
  private let logger: Logger
  private let state: Mutex<PoolState<Session>>
  private let numbers = Atomic(0)
  private let knownVersion = Atomic(0)

  init(_ configuration: PostgresConfiguration, capacity: Int, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    state = Mutex(PoolState(capacity: max(1, capacity)))
  }

  /// The server's version number, such as 150018; 0 before the first connection.
  var serverVersion: Int { knownVersion.load(ordering: .acquiring) }

  /// How many wait for a connection.
  var waitingCount: Int { state.withLock { $0.waitingCount } }

  /// Lends a live session: an idle one that the server has not closed, or a new one.
  func lend() async throws -> Session {
    while true {
      switch try await lease() {
      case .permit:
        do {
          return try await open()
        } catch {
          giveBack(nil)
          throw error
        }
      case .idle(let session):
        // One system call. What a server says to an idle connection is nearly always that it ends it.
        if !session.hasNews() { return session }
        logger.debug("the server has ended an idle database connection, which is replaced")
        giveBack(nil)
      }
    }
  }

  /// Takes a session back. One that is closed, or that was left inside a transaction, is not lent again.
  func takeBack(_ session: Session) {
    switch session.state {
    case .idle: giveBack(session)
    case .closed: giveBack(nil)
    case .inTransaction:
      logger.warning(
        "a database connection came back inside an open transaction; it is closed, which undoes it")
      giveBack(nil)
    }
  }

  /// Closes idle connections that the server has ended meanwhile, so that the next user need not.
  func removeBroken() {
    // Whoever is lent one of them has checked it; these are idle, so a look at the socket disturbs nobody.
    let broken = state.withLock { $0.removeIdle { $0.hasNews() } }
    if !broken.isEmpty { logger.debug("closed \(broken.count) idle database connections with unread news") }
  }

  /// Refuses new work, and returns when the work that runs has given its connections back.
  func close() async {
    let (waiters, idle) = state.withLock { $0.close() }
    for waiter in waiters { waiter.resume(throwing: PoolState<Session>.closed) }
    for session in idle { await session.close() }
    await withCheckedContinuation { continuation in
      let waits = state.withLock { $0.waitForLeases(continuation) }
      if !waits { continuation.resume() }
    }
  }

  private func open() async throws -> Session {
    let session = try Session(logger: logger)
    knownVersion.store(try await session.connect(configuration), ordering: .releasing)
    return session
  }

  private func lease() async throws -> PoolState<Session>.Lease {
    try Task.checkCancellation()
    if let lease = try state.withLock({ try $0.lease() }) { return lease }
    let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
    defer { state.withLock { $0.forgetCancellation(number) } }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        if let answer = state.withLock({ $0.wait(number, waiter) }) { waiter.resume(with: answer) }
      }
    } onCancel: {
      state.withLock { $0.cancel(number) }?.resume(throwing: CancellationError())
    }
  }

  private func giveBack(_ session: Session?) {
    let (given, closers) = state.withLock { ($0.giveBack(session), $0.takeClosers()) }
    given.waiter?.resume(returning: given.lease)
    // The last reference ends a session: its connection closes with it.
    for closer in closers { closer.resume() }
  }
}
