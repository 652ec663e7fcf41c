import CLibpq
import Dispatch
import Synchronization

/// Cancels the statement that a connection is running, from any thread, without ever blocking that thread.
///
/// A request to cancel opens a connection of its own to the server, and names a process there, not a statement.
/// So it is sent from another thread and under a lock that the end of the statement takes as well: it can reach
/// this statement or none, never the next one on the same connection.
final class CancellationGate: Sendable {
  private struct State {
    /// Address of the `PGcancel`; 0 while there is no connection.
    var handle: UInt = 0
    var running: StatementTicket?
  }

  private let state = Mutex(State())

  deinit {
    replaceHandle(with: nil)
  }

  /// Takes what is needed to reach the server process of a new connection; nil when it is closed.
  func replaceHandle(with handle: OpaquePointer?) {
    state.withLock { state in
      if let old = OpaquePointer(bitPattern: state.handle) { PQfreeCancel(old) }
      state.handle = UInt(bitPattern: handle)
    }
  }

  /// Marks a statement as running. Throws `CancellationError` when its task is cancelled already.
  func begin(_ ticket: StatementTicket) throws {
    state.withLock { $0.running = ticket }
    if ticket.isCancelled.load(ordering: .acquiring) {
      end()
      throw CancellationError()
    }
  }

  /// Marks the end of the running statement; waits for a request that is on its way.
  func end() {
    state.withLock { $0.running = nil }
  }

  /// Asks the server to stop the statement, again and again until it has ended: a request that arrives before
  /// the statement does is lost.
  func cancel(_ ticket: StatementTicket) {
    ticket.isCancelled.store(true, ordering: .releasing)
    request(ticket, pause: .milliseconds(20))
  }

  private func request(_ ticket: StatementTicket, pause: DispatchTimeInterval) {
    Self.queue.async {
      let isRunning = self.state.withLock { state in
        guard state.running === ticket, let handle = OpaquePointer(bitPattern: state.handle) else {
          return false
        }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
          // A refusal needs no report: the request is repeated while the statement runs.
          _ = PQcancel(handle, message.baseAddress, Int32(message.count))
        }
        return true
      }
      guard isRunning else { return }
      Self.queue.asyncAfter(deadline: .now() + pause) { self.request(ticket, pause: .seconds(1)) }
    }
  }

  private static let queue = DispatchQueue(label: "postgres.cancel", attributes: .concurrent)
}

/// One run of one statement, so that its task can name it when it is cancelled.
final class StatementTicket: Sendable {
  let isCancelled = Atomic(false)
}
