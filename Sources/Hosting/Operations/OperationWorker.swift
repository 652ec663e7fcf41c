import Jobs
import Logging

extension Hosting {
  /// Works on operations until the task is cancelled.
  ///
  /// - Parameters:
  ///   - operationsAtOnce: how many operations this process works on at the same time.
  ///   - identity: names the data folder that this process works for.
  ///   - holdsFolder: whether this process holds that folder's exclusive lock, so that what a killed
  ///     predecessor was at goes on at once.
  ///   - upkeep: what it does for the control plane itself; nil: nothing.
  public func runWorker(
    operationsAtOnce: Int, identity: String, holdsFolder: Bool, upkeep: Upkeep? = nil
  ) async throws {
    var kinds = JobKinds()
    kinds.add(CreateInstance.self, context: self)
    kinds.add(StartInstance.self, context: self)
    kinds.add(StopInstance.self, context: self)
    kinds.add(RestartInstanceSoft.self, context: self)
    kinds.add(RestartInstanceHard.self, context: self)
    kinds.add(RemoveInstance.self, context: self)
    kinds.add(ValidateServer.self, context: self)
    kinds.add(PrepareServer.self, context: self)
    let ownWork = upkeep.map { UpkeepWork(hosting: self, upkeep: $0) }
    ownWork?.add(to: &kinds)
    try await Worker(
      queue: jobs, kinds: kinds, concurrency: operationsAtOnce, host: identity, holdsHostLock: holdsFolder,
      lanes: LaneKeeping(machine: configuration.machine) { [held] in held.set($0) },
      schedules: ownWork?.schedules() ?? [], logger: logger
    ).run()
  }
}
