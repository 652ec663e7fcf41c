import FoundationEssentials
import Logging
import Synchronization

/// Takes lanes for one worker and gives them up, so that the living workers hold about equally many.
///
/// A dead worker's lanes are free as soon as its row is gone (a foreign key sees to that), so lanes need no
/// heartbeat of their own.
final class LaneHolder: Sendable {
  private let keeping: LaneKeeping
  private let store: any WorkStore
  private let logger: Logger
  private let held = Mutex<[UUID: Int]>([:])

  init(_ keeping: LaneKeeping, store: any WorkStore, logger: Logger) {
    self.keeping = keeping
    self.store = store
    self.logger = logger
  }

  /// Takes free lanes up to this worker's share, and gives up what is more than that where no job is under way.
  ///
  /// Only to be called where this worker claims no job meanwhile: a claim and a giving up would not see each other.
  func keep(for worker: UUID) async throws {
    let lanes = try await store.keepLanes(for: worker, on: keeping.machine)
    note(Dictionary(uniqueKeysWithValues: lanes.map { ($0.id, $0.epoch) }))
  }

  /// Forgets everything: others hold these lanes, or may.
  func lose() {
    note([:])
  }

  private func note(_ now: [UUID: Int]) {
    let before = held.withLock { held in
      let before = held
      held = now
      return before
    }
    guard before != now else { return }
    logger.info("this worker holds \(now.count) lanes")
    keeping.changed(now.map { Lane(id: $0.key, epoch: $0.value) }.sorted { $0.id < $1.id })
  }
}
