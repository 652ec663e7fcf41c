import Foundation
import Jobs
import Synchronization

/// The servers that this process owns, each under the epoch of its lane. Only here may it act on them.
final class HeldServers: Sendable {
  private let epochs = Mutex<[UUID: Int]>([:])
  /// Something comes whenever they are others than before. For one listener.
  let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation

  init() {
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The epoch under which this process owns `server`; nil where it does not.
  func epoch(of server: UUID) -> Int? { epochs.withLock { $0[server] } }

  /// Notes what the worker of this process holds now.
  func set(_ lanes: [Lane]) {
    epochs.withLock { epochs in
      epochs = Dictionary(uniqueKeysWithValues: lanes.map { ($0.id, $0.epoch) })
    }
    change.yield()
  }

  /// Notes that the epoch of a server was raised by this process itself.
  func raise(_ server: UUID, to epoch: Int) {
    epochs.withLock { $0[server] = epoch }
  }
}
