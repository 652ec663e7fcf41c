import FoundationEssentials

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
  /// Makes a lane unless it is there, bound to no machine. With a transaction, as part of it. Some worker takes it at
  /// once.
  public func addLane(_ id: UUID, in transaction: (any Transaction)? = nil) async throws {
    try await store.addLane(id, in: transaction)
  }

  /// Binds a lane to a machine: only workers there take it. Who holds it elsewhere loses it.
  public func bindLane(_ id: UUID, to machine: String, in transaction: (any Transaction)? = nil) async throws
  {
    try await store.bindLane(id, to: machine, in: transaction)
  }

  /// Raises the epoch of a lane from that under which it is held above one that what it stands for knows already.
  ///
  /// - Returns: the new epoch; nil where the lane has another than `held` by now, since others have it.
  public func raiseEpoch(of id: UUID, from held: Int, above known: Int) async throws -> Int? {
    try await store.raiseEpoch(of: id, from: held, above: known)
  }

  /// The machine to which a lane is bound; nil where it is to none.
  public func machine(ofLane id: UUID) async throws -> String? {
    try await store.machine(ofLane: id)
  }
}
