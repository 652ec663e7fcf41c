import FoundationEssentials
import Logging
import Synchronization

/// The parts of a running worker and how they work together.
final class WorkerEngine: Sendable {
  let queue: JobQueue
  let kinds: JobKinds
  let timing: WorkerTiming
  let logger: Logger
  let surroundings: TimeAndChance
  let store: any WorkStore
  let heart: Heart
  let logs: LogWriter
  let crashPoint = CrashPoint()
  let jobs = RunningJobs()
  private let lanes: LaneHolder?
  private let completer: Completer
  private let scheduler: Scheduler
  private let host: String
  private let holdsHostLock: Bool
  private let places: Mutex<Places>
  /// Whether there may be jobs that were not there at the last claim.
  private let isNewsWaiting = Atomic(true)
  private let isCancelWaiting = Atomic(true)
  private let areLanesDue = Atomic(true)
  private let hasGivenUp = Atomic(false)
  /// How many claims have been begun and have ended; there is never more than one at a time.
  private let claims = Mutex((begun: 0, ended: 0))
  /// What ran under this worker at the last beat without its knowing, with the claims that had been begun when that was
  /// first seen.
  private let unknownJobs = Mutex<[JobLease: Int]>([:])
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

  /// How many cancelled jobs may be undone beyond the places of the others, so that they never wait long.
  private static let extraPlaces = 4

  init(
    queue: JobQueue, kinds: JobKinds, concurrency: Int, host: String, holdsHostLock: Bool,
    lanes: LaneKeeping?, schedules: [JobSchedule], timing: WorkerTiming, logger: Logger
  ) {
    self.queue = queue
    scheduler = Scheduler(schedules)
    self.kinds = kinds
    places = Mutex(Places(concurrency))
    self.host = host
    self.holdsHostLock = holdsHostLock
    self.timing = timing
    self.logger = logger
    surroundings = queue.surroundings
    store = queue.store.forWorker()
    heart = Heart(
      store: store, surroundings: surroundings, host: host, keepsLanes: lanes != nil, timing: timing,
      logger: logger)
    self.lanes = lanes.map { [store] in LaneHolder($0, store: store, logger: logger) }
    logs = LogWriter(
      store: store, surroundings: surroundings, delay: timing.logDelay, logger: logger)
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    completer = Completer(store: store, surroundings: surroundings, logger: logger) { [wake] in wake.yield() }
  }

  // MARK: - From beginning to end

  func run() async throws {
    do {
      try await begin()
    } catch is CancellationError {
      // Cut off before any work began. The registration may have been written all the same.
      return await surroundings.task { await self.leave() }.value
    }
    let completing = surroundings.task { await self.completer.run() }
    let background = [
      surroundings.task { await self.listen() }, surroundings.task { await self.poll() },
      surroundings.task { await self.checkDeadlines() }, surroundings.task { await self.logs.run() },
      surroundings.task { await self.heart.run(onDeath: self.abandonJobs, onBeat: self.beaten) },
    ]
    await withTaskCancellationHandler {
      await claimUntilCancelled()
    } onCancel: {
      wake.yield()
    }
    // What follows must not be cut short by the cancellation that led here.
    await surroundings.task { await self.wrapUp(completing, background) }.value
  }

  private func begin() async throws {
    if holdsHostLock {
      let jobs = try await queue.releaseWorkers(of: host)
      if !jobs.isEmpty { logger.notice("going on with \(jobs.count) jobs of the process before this one") }
    }
    try await heart.register()
  }

  private func leave() async {
    await heart.unregister()
    await store.close()
  }

  private func wrapUp(_ completing: Task<Void, Never>, _ background: [Task<Void, Never>]) async {
    await end()
    completer.end()
    let patience = surroundings.task {
      try await self.surroundings.sleep(for: self.timing.grace)
      completing.cancel()
      self.logs.giveUp()
    }
    await completing.value
    await logs.flush()
    patience.cancel()
    for task in background { task.cancel() }
    for task in background { await task.value }
    lanes?.lose()
    await leave()
  }

  /// Lets running steps finish, cancels those that take too long, and waits until all have handed back their job.
  private func end() async {
    for job in jobs.all { job.ask(.release, cancelsStep: false) }
    let end = surroundings.now + timing.grace
    while !jobs.isEmpty, surroundings.now < end { try? await surroundings.sleep(for: .milliseconds(10)) }
    if !jobs.isEmpty {
      logger.notice("\(jobs.all.count) jobs are interrupted and go on with the next worker")
    }
    for job in jobs.all { job.ask(.release) }
    while !jobs.isEmpty, surroundings.now < end + timing.grace {
      try? await surroundings.sleep(for: .milliseconds(10))
    }
    hasGivenUp.store(true, ordering: .releasing)
    if !jobs.isEmpty { logger.error("\(jobs.all.count) jobs did not stop; others take them over later") }
  }

  /// Others have our jobs now: whatever we still do for them must stop.
  private func abandonJobs() {
    for job in jobs.all { job.ask(.leaseLost) }
    lanes?.lose()
  }

  // MARK: - Taking jobs

  private func claimUntilCancelled() async {
    var wakes = wakes.makeAsyncIterator()
    var pause = timing.backoff.first
    var isBacklogged = false
    while !Task.isCancelled {
      do {
        if isBacklogged { await waitForHalf(&wakes) }
        if areLanesDue.exchange(false, ordering: .acquiringAndReleasing) {
          try await lanes?.keep(for: heart.worker)
        }
        try await claimCancelled()
        let room = room
        let taken = try await room.isEmpty ? Taken() : claim(room)
        if room.free > 0 { isBacklogged = taken.count >= room.free || (taken.count > 0 && taken.leftOthers) }
        pause = timing.backoff.first
        if isBacklogged { continue }
      } catch is CancellationError {
        return
      } catch {
        logger.warning("jobs could not be claimed, trying again: \(error)")
        isNewsWaiting.store(true, ordering: .releasing)
        guard (try? await surroundings.sleep(for: pause)) != nil else { return }
        pause = min(pause * 2, .seconds(5))
        continue
      }
      _ = await wakes.next()
    }
  }

  /// How many jobs may be claimed: of anybody, and beyond that of organisations that hold no place.
  private struct Room {
    var free: Int
    var spare: Int
    var isEmpty: Bool { free + spare <= 0 }
  }

  /// Jobs that are done and not yet written so hold no place, which lets claiming and writing go on side by side,
  /// but there are never more than three times the places of both. Newcomers are looked for when there is news:
  /// that others came to the end of a job brings none.
  private var room: Room {
    let (free, spare, count) = places.withLock { ($0.free, $0.freeForNewcomers, $0.count) }
    let writable = 2 * count + free - completer.unwritten
    let isNews = isNewsWaiting.exchange(false, ordering: .acquiringAndReleasing)
    return Room(
      free: max(0, min(free, writable)), spare: isNews || free > 0 ? max(0, min(spare, writable)) : 0)
  }

  /// Full claims mean that more is waiting: then it pays to take many at once, so this waits until half of the
  /// places are free. When jobs take longer than a millisecond, single places are filled again.
  private func waitForHalf(_ wakes: inout AsyncStream<Void>.AsyncIterator) async {
    let hurry = surroundings.task { [surroundings, wake] in
      try await surroundings.sleep(for: .milliseconds(1))
      wake.yield()
    }
    defer { hurry.cancel() }
    let end = surroundings.now + .milliseconds(1)
    while !Task.isCancelled {
      let (free, spare, count) = places.withLock { ($0.free, $0.freeForNewcomers, $0.count) }
      let writable = min(free, 2 * count + free - completer.unwritten)
      if isCancelWaiting.load(ordering: .acquiring) { return }
      if spare > 0 && isNewsWaiting.load(ordering: .acquiring) { return }
      if writable >= (count + 1) / 2 || (writable > 0 && surroundings.now >= end) { return }
      _ = await wakes.next()
    }
  }

  /// What a claim has brought.
  private struct Taken {
    var count = 0
    /// Whether jobs of other organisations, lanes or priorities were left behind.
    var leftOthers = false
  }

  private func claim(_ room: Room) async throws -> Taken {
    let claim = Claim(
      for: heart.worker, kinds: kinds.names, free: room.free, spare: room.spare,
      holders: places.withLock { $0.holders })
    return try await start { try await store.claim(claim) }
  }

  /// Cancelled jobs need no free place: someone waits for their end.
  private func claimCancelled() async throws {
    guard isCancelWaiting.exchange(false, ordering: .acquiringAndReleasing) else { return }
    let limit = places.withLock { $0.count + $0.spare + Self.extraPlaces - $0.busy }
    guard limit > 0 else { return }
    _ = try await start {
      try await store.claimCancelled(upTo: limit, kinds: kinds.names, worker: heart.worker)
    }
  }

  private func start(_ claim: () async throws -> [ClaimedJob]) async throws -> Taken {
    claims.withLock { $0.begun += 1 }
    defer { claims.withLock { $0.ended += 1 } }
    var taken = Taken()
    for claim in try await claim() {
      guard let kind = kinds.kinds[claim.kind] else { continue }
      taken.count += 1
      taken.leftOthers = claim.hasOthersBehind
      let running = RunningJob(id: claim.id, lease: claim.lease, surroundings: surroundings)
      jobs.add(running)
      places.withLock { $0.take(for: claim.organisation) }
      surroundings.task {
        await kind.work(claim, running, self)
        self.jobs.remove(running)
        self.leave(claim.organisation)
        self.wake.yield()
      }
    }
    return taken
  }

  /// Gives a place back. One of those for newcomers may be what another newcomer waits for.
  private func leave(_ organisation: UUID?) {
    let wasSpare = places.withLock { places in
      places.leave(organisation)
      return places.free <= 0
    }
    if wasSpare { isNewsWaiting.store(true, ordering: .releasing) }
  }

  // MARK: - Being woken

  /// The store wakes at once; who missed it is woken by `poll`.
  private func listen() async {
    for await wakeUp in store.wakeUps() {
      switch wakeUp {
      case .lanes: areLanesDue.store(true, ordering: .releasing)
      case .cancelled(let id):
        if let job = jobs.find(id) {
          job.ask(.cancel)
        } else {
          isCancelWaiting.store(true, ordering: .releasing)
        }
      case .news: break
      }
      lookForNews()
    }
  }

  /// The floor below being woken, and what brings snoozed jobs back in time.
  private func poll() async {
    var pause = timing.poll
    while (try? await surroundings.sleep(for: pause)) != nil {
      // Looked up first: what is due by then, the claim that follows finds.
      let due = try? await store.nextDue(kinds: kinds.names)
      pause = min(timing.poll, due ?? timing.poll)
      isCancelWaiting.store(true, ordering: .releasing)
      lookForNews()
    }
  }

  private func lookForNews() {
    isNewsWaiting.store(true, ordering: .releasing)
    wake.yield()
  }

  /// Wakes after a snooze that is shorter than the next look.
  func wakeAfter(_ pause: Duration) {
    guard pause < timing.poll else { return }
    surroundings.task {
      try await self.surroundings.sleep(for: pause)
      self.lookForNews()
    }
  }

  /// The pause before a step that failed is tried again.
  func pause(afterAttempt attempt: Int) -> Duration {
    timing.backoff.pause(afterAttempt: attempt, chance: surroundings.chance())
  }

  private func checkDeadlines() async {
    while (try? await surroundings.sleep(for: timing.deadlineCheck)) != nil {
      let now = surroundings.now
      for job in jobs.all { job.check(deadlineAt: now) }
    }
  }

  private func beaten(_ me: UUID, at now: Date) async throws {
    try await compare(store.held(by: me))
    let new = try await scheduler.ask(queue, at: now)
    if new > 0 { logger.info("\(new) jobs are due by their schedules") }
    areLanesDue.store(lanes != nil, ordering: .releasing)
    if lanes != nil { lookForNews() }
  }

  /// Finds wishes to cancel that were missed, and jobs that run under this worker without its knowing: the answer to
  /// a claim was lost, say, or what became of a job could not be written. Nobody else would take those, so they are
  /// handed back when they are seen once more after every claim has ended that may have taken them.
  private func compare(_ held: [HeldJob]) async throws {
    for job in held where job.isCancelRequested { jobs.find(job.lease.job)?.ask(.cancel) }
    let unknown = held.map(\.lease).filter { lease in
      jobs.find(lease.job)?.lease != lease.number && !completer.isWriting(lease)
    }
    let (begun, ended) = claims.withLock { ($0.begun, $0.ended) }
    let lost = unknownJobs.withLock { known in
      let lost = unknown.filter { known[$0].map { $0 <= ended } ?? false }
      known = Dictionary(uniqueKeysWithValues: unknown.map { ($0, known[$0] ?? begun) })
      return lost
    }
    for lease in lost where try await store.release(lease) {
      logger.notice("job \(lease.job) was this worker's without its knowing, and is handed back")
    }
  }

  // MARK: - Writing what became of a job

  /// Hands a plain job that succeeded to the one who finishes many in one statement.
  func complete(_ claim: ClaimedJob) {
    completer.append(claim.token)
  }

  /// Runs a statement for a job until the database has done it. Throws `LeaseLost` when the job has gone
  /// meanwhile, and what the database refuses for good.
  func persistently<Result: Sendable>(
    _ running: RunningJob, _ body: () async throws -> sending Result
  ) async throws -> sending Result {
    var pause = Duration.milliseconds(50)
    while true {
      do {
        return try await body()
      } catch let error as any RetryableError where error.isRetryable {
        if running.stop == .leaseLost || hasGivenUp.load(ordering: .acquiring) { throw LeaseLost() }
        logger.debug("a job's state could not be written, trying again: \(error)")
        try? await surroundings.sleep(for: pause)
        pause = min(pause * 2, .seconds(2))
      }
    }
  }
}
