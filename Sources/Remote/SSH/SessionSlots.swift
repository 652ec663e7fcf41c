/// A number of slots that are given out in the order in which they were asked for.
public actor SessionSlots {
  private var free: Int
  private var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
  private var lastID = 0

  /// How many wait.
  var waitingCount: Int { waiting.count }

  /// So many slots, all free.
  public init(_ count: Int) {
    free = count
  }

  /// Takes a slot, for which `giveBack()` must be called.
  ///
  /// - Throws: `DeadlineExceeded` if none was free until `end`; `CancellationError`.
  public func take(until end: ContinuousClock.Instant) async throws {
    try Task.checkCancellation()
    if free > 0 {
      free -= 1
      return
    }
    lastID += 1
    let id = lastID
    let timer = Task<Void, any Error> {
      try await Task.sleep(until: end, clock: .continuous)
      leave(id, DeadlineExceeded())
    }
    defer { timer.cancel() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        // The handler may have run already: then nobody would wake this waiter.
        if Task.isCancelled {
          continuation.resume(throwing: CancellationError())
        } else {
          waiting.append((id, continuation))
        }
      }
    } onCancel: {
      Task { await self.leave(id, CancellationError()) }
    }
  }

  /// Gives a slot back that was taken.
  public func giveBack() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().continuation.resume()
    }
  }

  private func leave(_ id: Int, _ error: any Error) {
    // A waiter that was given its slot meanwhile keeps it, and gives it back itself.
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).continuation.resume(throwing: error)
  }
}
