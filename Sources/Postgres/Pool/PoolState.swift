/// Who has which connection and who waits for one: the pool's rules, without any waiting or locking.
struct PoolState<Session> {
  typealias Waiter = CheckedContinuation<Lease, any Error>

  /// What someone who asks gets.
  enum Lease {
    /// A connection that was idle.
    case idle(Session)
    /// The right to open one.
    case permit
  }

  let capacity: Int
  /// Connections that nobody uses, the last one used at the end.
  private(set) var idle: [Session] = []
  /// Connections lent, being opened or being closed.
  private(set) var lent = 0
  private(set) var isClosed = false
  private var waiters: [(number: Int, waiter: Waiter)] = []
  private var cancelled: Set<Int> = []
  private var closers: [CheckedContinuation<Void, Never>] = []

  var waitingCount: Int { waiters.count }

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// A lease if one is free at once and nobody has waited longer.
  mutating func lease() throws -> Lease? {
    if isClosed { throw Self.closed }
    guard waiters.isEmpty, lent < capacity else { return nil }
    lent += 1
    if let session = idle.popLast() { return .idle(session) }
    return .permit
  }

  /// Puts someone at the end of the queue; returns how to resume them at once if there is no need to wait.
  mutating func wait(_ number: Int, _ waiter: Waiter) -> Result<Lease, any Error>? {
    if cancelled.remove(number) != nil { return .failure(CancellationError()) }
    do {
      if let lease = try lease() { return .success(lease) }
    } catch {
      return .failure(error)
    }
    waiters.append((number, waiter))
    return nil
  }

  /// Takes someone out of the queue; remembers those who have not reached it yet.
  mutating func cancel(_ number: Int) -> Waiter? {
    guard let place = waiters.firstIndex(where: { $0.number == number }) else {
      cancelled.insert(number)
      return nil
    }
    return waiters.remove(at: place).waiter
  }

  /// Forgets a cancellation that came when its waiter had been served.
  mutating func forgetCancellation(_ number: Int) {
    cancelled.remove(number)
  }

  /// Ends a lease. Who has waited longest takes it over: the session if it is fit for use, or else the right to
  /// open one. Returns that waiter with the lease, or what to close.
  mutating func giveBack(_ session: Session?) -> (waiter: Waiter?, lease: Lease, closing: Session?) {
    if isClosed {
      lent -= 1
      return (nil, .permit, session)
    }
    guard !waiters.isEmpty else {
      lent -= 1
      if let session { idle.append(session) }
      return (nil, .permit, nil)
    }
    let waiter = waiters.removeFirst().waiter
    return (waiter, session.map { .idle($0) } ?? .permit, nil)
  }

  /// Takes out idle connections that a check has found unfit.
  mutating func removeIdle(where isUnfit: (Session) -> Bool) -> [Session] {
    let unfit = idle.filter(isUnfit)
    idle.removeAll(where: isUnfit)
    return unfit
  }

  /// Refuses everyone from now on. Returns who waited and what to close.
  mutating func close() -> (waiters: [Waiter], idle: [Session]) {
    isClosed = true
    defer { (waiters, idle) = ([], []) }
    return (waiters.map(\.waiter), idle)
  }

  /// Calls back when the last lease has ended; false if there is none.
  mutating func waitForLeases(_ closer: CheckedContinuation<Void, Never>) -> Bool {
    guard lent > 0 else { return false }
    closers.append(closer)
    return true
  }

  /// Those to tell that the last lease has ended.
  mutating func takeClosers() -> [CheckedContinuation<Void, Never>] {
    guard isClosed, lent == 0 else { return [] }
    defer { closers = [] }
    return closers
  }

  static var closed: PostgresError {
    PostgresError(.misuse, "the pool of database connections is closed")
  }
}
