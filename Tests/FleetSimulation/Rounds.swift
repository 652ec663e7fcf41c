import Foundation
import Jobs

@testable import Hosting
@testable import JobsTesting
@testable import SimulatedFleet

/// Looks for what must hold at every moment, whatever is broken just then. What must hold in the end, when all is whole,
/// is the `Audit`'s.
struct Rounds: Sendable {
  let world: World

  private static let rhythm = Duration.seconds(30)
  /// How long a process may be dead before others must have noticed: the promise is 20 s, while there is a database. A
  /// process that is stopped in the middle of a transaction keeps that from others for as long.
  private static let patience: TimeInterval = 20 + 100

  func run() async {
    // What was so the last time; the next heartbeat mends it.
    var abandoned: Set<UUID> = []
    while (try? await Task.sleep(for: Self.rhythm)) != nil {
      do {
        let found = try await world.database.transaction { look(in: $0) }
        for job in found.intersection(abandoned).sorted() {
          world.violated("the job \(job) counts as running, and nobody works on it")
        }
        abandoned = found
      } catch {
        world.violated("the queue could not be looked at: \(error)")
      }
    }
  }

  /// Returns the jobs that count as running and are nobody's.
  private func look(in transaction: MemoryTransaction) -> Set<UUID> {
    let now = Date()
    let workers = world.jobs.workers.all(in: transaction)
    for (_, worker) in workers {
      guard let death = world.deaths.withLock({ $0[worker.host] }),
        now.timeIntervalSince(death) > Self.patience
      else { continue }
      world.violated("\(worker.host) is dead since \(death), and nobody has noticed")
    }
    let present = Set(workers.map(\.key))
    var busy: Set<UUID> = []
    var abandoned: Set<UUID> = []
    for job in world.jobs.openJobs(in: transaction, where: { $0.state == .running }) {
      if job.worker.map({ !present.contains($0) }) ?? true { abandoned.insert(job.id) }
      if let subject = job.options.subject, !busy.insert(subject).inserted {
        world.violated("two jobs run on \(subject)")
      }
    }
    return abandoned
  }
}
