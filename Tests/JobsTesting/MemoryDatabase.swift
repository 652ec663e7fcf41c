import Jobs
import Synchronization

/// A database in memory, for tests and simulations: tables (`MemoryTable`) and the transactions in which they change.
///
/// One transaction runs at a time, in the order of their beginning, so they are serialisable and no two can block each
/// other. What one did is undone when its body throws.
public final class MemoryDatabase: Sendable {
  /// A moment at which a database may be slow or away.
  public enum Moment: Sendable, Hashable {
    /// Before a transaction begins. What is thrown here has done nothing.
    case begin
    /// Before it is committed. What is thrown here undoes it.
    case commit
    /// When it is committed and the answer is on its way: what is thrown here is a connection that broke just then.
    case committed
  }

  /// What happens at these moments: it may wait, on the clock of a simulation, and it may throw.
  public typealias Fault = @Sendable (Moment) async throws -> Void

  private struct State {
    var isTaken = false
    var waiting: [(number: Int, turn: CheckedContinuation<Void, any Error>)] = []
    var number = 0
    var fault: Fault?
  }

  private let state = Mutex(State())
  @TaskLocal private static var present: MemoryTransaction?

  /// An empty one, which is never slow and never away.
  public init() {}

  /// From now on, that happens; nil is nothing.
  public func setFault(_ fault: Fault?) {
    state.withLock { $0.fault = fault }
  }

  /// Runs the body in a transaction: committed when it returns, undone when it throws or its task is cancelled.
  ///
  /// Every call in the body must be given the transaction: one without would wait for its end, for ever, so it stops the
  /// program instead.
  public func transaction<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (MemoryTransaction) async throws -> sending Result
  ) async throws -> sending Result {
    precondition(
      Self.present.map { $0.hasEnded || $0.database !== self } ?? true,
      "a transaction in memory was begun inside of another one: hand that one on instead")
    try await happen(.begin)
    try await take()
    let transaction = MemoryTransaction(self)
    let result: Result
    do {
      result = try await Self.$present.withValue(transaction) { try await body(transaction) }
      try Task.checkCancellation()
      try await happen(.commit)
    } catch {
      transaction.undo()
      release()
      throw error
    }
    transaction.commit()
    release()
    try await happen(.committed)
    return result
  }

  /// Runs the body as part of a transaction, if there is one, or in one of its own.
  ///
  /// Throws `ForeignTransaction` when that one is not in memory.
  public func run<Result: Sendable>(
    in transaction: (any Transaction)?, isolation: isolated (any Actor)? = #isolation,
    _ body: (MemoryTransaction) throws -> sending Result
  ) async throws -> sending Result {
    if let transaction { return try body(try transaction.memory) }
    return try await self.transaction { try body($0) }
  }

  private func happen(_ moment: Moment) async throws {
    let fault = state.withLock { $0.fault }
    try await fault?(moment)
  }

  // MARK: - One at a time

  private func take() async throws {
    let number = state.withLock { state in
      state.number += 1
      return state.number
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { turn in
        let isMine = state.withLock { state in
          if state.isTaken {
            state.waiting.append((number, turn))
            return false
          }
          state.isTaken = true
          return true
        }
        if isMine { turn.resume() }
        // Cancelled before it waited: the handler has found nothing to end.
        if Task.isCancelled { giveUp(number) }
      }
    } onCancel: {
      giveUp(number)
    }
  }

  private func giveUp(_ number: Int) {
    let turn = state.withLock { state in
      state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).turn }
    }
    turn?.resume(throwing: CancellationError())
  }

  private func release() {
    let next = state.withLock { state in
      state.isTaken = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst().turn
    }
    next?.resume()
  }
}

/// A transaction of a `MemoryDatabase`.
public final class MemoryTransaction: Transaction {
  private struct State {
    var hasEnded = false
    var tables: [any MemoryParticipant] = []
    var afterCommit: [@Sendable () -> Void] = []
  }

  let database: MemoryDatabase
  private let state = Mutex(State())

  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  init(_ database: MemoryDatabase) {
    self.database = database
  }

  /// Runs that when the transaction is committed, in the order in which it was said; never, when it is undone. It is
  /// what NOTIFY is to PostgreSQL.
  public func afterCommit(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.afterCommit.append(action) }
  }

  func join(_ table: any MemoryParticipant) {
    state.withLock { state in
      precondition(!state.hasEnded, "a transaction in memory was used after its end")
      state.tables.append(table)
    }
  }

  func commit() {
    for table in end() { table.keepChanges() }
    for action in state.withLock({ $0.afterCommit }) { action() }
  }

  func undo() {
    for table in end() { table.undoChanges() }
  }

  private func end() -> [any MemoryParticipant] {
    state.withLock { state in
      state.hasEnded = true
      return state.tables
    }
  }
}

extension Transaction {
  /// This transaction as one in memory.
  ///
  /// Throws `ForeignTransaction` when it is none.
  public var memory: MemoryTransaction {
    get throws {
      guard let memory = self as? MemoryTransaction else {
        throw ForeignTransaction(kind: "\(Self.self)", wanted: "a transaction in memory")
      }
      return memory
    }
  }
}

/// What a transaction changes, and may have to change back.
protocol MemoryParticipant: Sendable {
  func keepChanges()
  func undoChanges()
}
