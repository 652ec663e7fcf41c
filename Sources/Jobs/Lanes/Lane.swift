import FoundationEssentials
import Postgres

/// Something outside the database on which only one process may act at a time: a server.
///
/// Jobs of a lane are done only by the worker that holds it. Each time a lane changes hands its epoch rises, so that
/// what the lane stands for can refuse whoever held it before, however late he comes.
public struct Lane: Sendable, Hashable {
  /// The identity: that of what it stands for.
  public var id: UUID
  /// How often it has changed hands.
  public var epoch: Int

  /// A lane of these values.
  public init(id: UUID, epoch: Int) {
    self.id = id
    self.epoch = epoch
  }
}

/// How a worker takes part in holding lanes.
public struct LaneKeeping: Sendable {
  /// The machine that the worker runs on. Lanes that are bound to a machine go to workers there only.
  public var machine: String
  /// Called with all lanes that the worker holds when these have changed, in the order of the changes.
  public var changed: @Sendable ([Lane]) -> Void

  /// Takes part from `machine`, and tells `changed`.
  public init(machine: String, changed: @escaping @Sendable ([Lane]) -> Void = { _ in }) {
    self.machine = machine
    self.changed = changed
  }
}

extension JobQueue {
  /// Makes a lane unless it is there, and says to which machine it is bound; nil is to none. With a connection, as
  /// part of its transaction. Some worker takes it at once.
  public func addLane(_ id: UUID, machine: String? = nil, in connection: Connection? = nil) async throws {
    try await runner(connection).query(
      """
      WITH lane AS (
        INSERT INTO job_lane (id, machine) VALUES (\(id), \(machine))
        ON CONFLICT (id) DO UPDATE SET machine = excluded.machine
      )
      SELECT pg_notify(\(JobChannel.lanes), '')
      """)
  }

  /// Removes a lane, if it is there. Its jobs are done by nobody afterwards.
  public func removeLane(_ id: UUID, in connection: Connection? = nil) async throws {
    try await runner(connection).query(
      """
      WITH lane AS (DELETE FROM job_lane WHERE id = \(id))
      SELECT pg_notify(\(JobChannel.lanes), '')
      """)
  }

  /// The lane `id` as it is now and the number of the worker that holds it; nil where there is no such lane.
  public func lane(_ id: UUID) async throws -> (lane: Lane, holder: UUID?)? {
    try await database.query("SELECT id, epoch, holder FROM job_lane WHERE id = \(id)").first.map {
      (Lane(id: try $0.get("id"), epoch: try $0.get("epoch")), try $0.get("holder"))
    }
  }
}
