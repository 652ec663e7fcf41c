import Foundation
import Jobs
import Logging
import Postgres
import Synchronization

/// What changed, for those who look on.
public enum Change: Sendable, Hashable {
  /// An instance: its status, its settings, or that it is gone.
  case instance(UUID)
  /// An operation: its state, a step or its progress.
  case operation(UUID)
  /// Something may have been missed: read again whatever is shown.
  case everything
}

/// Tells everybody who looks on of changes, from one LISTEN for the whole process.
struct Announcements: Sendable {
  private let listeners = Listeners()

  /// Listens until the task is cancelled.
  func run(on database: Database) async {
    for await event in database.listen("hosting_changes") {
      switch event {
      case .listening, .reconnected: listeners.tell(.everything, organisation: nil)
      case .notification(_, let payload):
        let words = payload.split(separator: " ").map { UUID(uuidString: String($0)) }
        guard words.count == 3 - 1 || words.count == 3 else { continue }
        guard let organisation = words[0] else { continue }
        if let instance = words[1] { listeners.tell(.instance(instance), organisation: organisation) }
        if words.count == 3, let operation = words[2] {
          listeners.tell(.operation(operation), organisation: organisation)
        }
      }
    }
  }

  /// The changes of `organisation` from now on, until the loop over it ends. One who is slow gets `.everything`
  /// in the place of what did not fit.
  func changes(of organisation: UUID) -> AsyncStream<Change> {
    listeners.add(organisation)
  }
}

/// Those who look on. A class, because the streams' ends reach back into it.
private final class Listeners: Sendable {
  private struct Listener {
    let organisation: UUID
    let stream: AsyncStream<Change>.Continuation
    var isBehind = false
  }

  private let listeners = Mutex<[UUID: Listener]>([:])

  func add(_ organisation: UUID) -> AsyncStream<Change> {
    let id = UUID()
    let (stream, continuation) = AsyncStream.makeStream(of: Change.self, bufferingPolicy: .bufferingOldest(200))
    continuation.onTermination = { [self] _ in listeners.withLock { _ = $0.removeValue(forKey: id) } }
    listeners.withLock { $0[id] = Listener(organisation: organisation, stream: continuation) }
    return stream
  }

  func tell(_ change: Change, organisation: UUID?) {
    listeners.withLock { listeners in
      for (id, var listener) in listeners where organisation == nil || listener.organisation == organisation {
        let told = listener.stream.yield(listener.isBehind ? .everything : change)
        if case .dropped = told { listener.isBehind = true } else { listener.isBehind = false }
        listeners[id] = listener
      }
    }
  }
}
