import Foundation
import Jobs
import Postgres
import Synchronization

/// What changed, for those who look on.
public enum Change: Sendable, Hashable {
  /// An instance: its status, its settings, or that it is gone.
  case instance(UUID)
  /// A server: its status, its mode, what it is set to, or that it is gone.
  case server(UUID)
  /// An operation, of that instance (or server) if it works on one: its state, a step or its progress.
  case operation(UUID, instance: UUID?)
  /// Something may have been missed: read again whatever is shown.
  case everything
}

/// Tells everybody who looks on of changes, from one LISTEN for the whole process.
struct Announcements: Sendable {
  private let audience = Audience()

  /// The changes of `organisation` from now on, until the loop over it ends. One who is slow gets
  /// `.everything` in the place of what did not fit.
  func changes(of organisation: UUID) -> AsyncStream<Change> {
    audience.add(organisation)
  }

  fileprivate func tell(_ change: Change, organisation: UUID?) {
    audience.tell(change, organisation: organisation)
  }
}

extension Hosting {
  /// Tells those who look on of what changes, until the task is cancelled.
  public func runAnnouncer() async throws {
    for await event in database.listen(to: ["hosting_changes", JobQueue.progressChannel]) {
      switch event {
      case .listening, .reconnected:
        announcements.tell(.everything, organisation: nil)
      case .notification("hosting_changes", let payload):
        let ids = payload.split(separator: " ").compactMap { UUID(uuidString: String($0)) }
        if ids.count == 2 { announcements.tell(.instance(ids[1]), organisation: ids[0]) }
        // Whose page may show it is asked when the page reads it again.
        if ids.count == 1 { announcements.tell(.server(ids[0]), organisation: nil) }
      case .notification(_, let payload):
        try await announce(jobs: payload.split(separator: ",").compactMap { UUID(uuidString: String($0)) })
      }
    }
  }

  private func announce(jobs ids: [UUID]) async throws {
    do {
      for row in try await database.query("select id, subject, organisation from job where id = any(\(ids))")
      {
        // What the control plane does for itself is on nobody's page.
        guard let organisation: UUID = try row.get("organisation") else { continue }
        announcements.tell(
          .operation(try row.get("id"), instance: try row.get("subject")), organisation: organisation)
      }
    } catch let error as PostgresError {
      // Whoever looks on reads everything again; after a lost connection LISTEN says the same.
      logger.debug("A change could not be told: \(error)")
      announcements.tell(.everything, organisation: nil)
    }
  }
}

/// Those who look on. A class, because the ends of their streams reach back into it.
private final class Audience: Sendable {
  private struct Listener {
    let organisation: UUID
    let stream: AsyncStream<Change>.Continuation
    var isBehind = false
  }

  private let listeners = Mutex<[UUID: Listener]>([:])

  func add(_ organisation: UUID) -> AsyncStream<Change> {
    let id = UUID()
    let (stream, continuation) = AsyncStream.makeStream(
      of: Change.self, bufferingPolicy: .bufferingOldest(200))
    continuation.onTermination = { [weak self] _ in
      self?.listeners.withLock { _ = $0.removeValue(forKey: id) }
    }
    listeners.withLock { $0[id] = Listener(organisation: organisation, stream: continuation) }
    return stream
  }

  func tell(_ change: Change, organisation: UUID?) {
    // Not told under the lock: ends of streams take it too, and whoever is told something may be about to end his
    // stream, holding what his waking waits for.
    let told = listeners.withLock { listeners in
      listeners.filter { organisation == nil || $0.value.organisation == organisation }
    }
    for (id, listener) in told {
      let result = listener.stream.yield(listener.isBehind ? .everything : change)
      let isBehind = if case .dropped = result { true } else { false }
      guard isBehind != listener.isBehind else { continue }
      listeners.withLock { $0[id]?.isBehind = isBehind }
    }
  }
}
