import FoundationEssentials
import Logging

/// Works on the jobs of a queue until its task is cancelled.
///
/// Any number of workers, in any number of processes, may share a queue. Each has a row with a heartbeat; one
/// whose heart stands still is declared dead by the others and its jobs go on elsewhere.
public struct Worker: Sendable {
  private let makeEngine: @Sendable () -> WorkerEngine

  /// A worker for the registered kinds.
  ///
  /// `host` names the data folder or machine that it runs for. `holdsHostLock` says that this process holds that
  /// folder's exclusive lock, which proves that former workers of this host are dead: their jobs are taken over
  /// at once instead of after some seconds. `lanes` says how it takes part in holding lanes; without, it does only
  /// jobs that have none. `schedules` says for which jobs it asks by itself: all workers of a queue should have the same.
  public init(
    queue: JobQueue, kinds: JobKinds, concurrency: Int = 10, host: String, holdsHostLock: Bool = false,
    lanes: LaneKeeping? = nil, schedules: [JobSchedule] = [], timing: WorkerTiming = WorkerTiming(),
    logger: Logger
  ) {
    makeEngine = {
      WorkerEngine(
        queue: queue, kinds: kinds, concurrency: max(1, concurrency), host: host,
        holdsHostLock: holdsHostLock, lanes: lanes, schedules: schedules, timing: timing, logger: logger)
    }
  }

  /// Works until the task is cancelled. Then it takes no more jobs, lets running steps finish for the grace time,
  /// and hands back what is not done, so that others go on with it at once.
  ///
  /// Throws `PostgresError` when it cannot even begin; later, a lost database only delays it.
  public func run() async throws {
    try await makeEngine().run()
  }
}

/// The kinds of jobs that a worker can do, each with what its steps work with.
public struct JobKinds: Sendable {
  private(set) var kinds: [String: JobKind] = [:]

  /// No kinds yet.
  public init() {}

  /// Adds a kind. Adding another type under the same name is a mistake of the program and stops it.
  public mutating func add<J: Job>(_: J.Type, context: J.Context) {
    precondition(kinds[J.kind] == nil, "the kind of job '\(J.kind)' is registered twice")
    let names = J.steps.map(\.name)
    precondition(
      !names.isEmpty && Set(names).count == names.count, "the steps of '\(J.kind)' need unique names")
    kinds[J.kind] = JobKind(J.self, context: context)
  }

  var names: [String] { kinds.keys.sorted() }
}

/// One registered kind, its type forgotten.
struct JobKind: Sendable {
  /// Does a claimed job as far as it gets.
  let work: @Sendable (ClaimedJob, RunningJob, WorkerEngine) async -> Void

  init<J: Job>(_: J.Type, context: J.Context) {
    let steps = J.steps
    work = { claim, running, engine in
      do {
        let job = try claim.body.read(J.self)
        await JobRun(job: job, steps: steps, context: context, claim: claim, running: running, engine: engine)
          .run()
      } catch {
        await engine.finishUnreadable(claim, running, reason: "its content cannot be read: \(error)")
      }
    }
  }
}
