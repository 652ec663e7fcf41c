import Foundation
import VirtualTime
@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency

/// Runs every task of this process on one thread, in an order that follows from the seed, in virtual time: when nothing
/// can run, the clocks jump to the next sleeper.
///
/// As the process's default executor it also gets unstructured tasks and what runs on actors. There is one thread, which
/// runs `run(until:)` and everything within it; a task that another one resumes stops the program.
final class VirtualExecutor: TaskExecutor, SchedulingExecutor, @unchecked Sendable {
  static let shared = VirtualExecutor()

  private var ready: [UnownedJob] = []
  private var sleepers = Sleepers()
  /// How many jobs have run.
  private(set) var steps = 0
  private let thread = pthread_self()
  private let record = StepRecord.wanted

  /// Makes this the executor of the process. To be called before any task is made.
  static func takeOver() {
    _createExecutors(factory: Factory.self)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    precondition(
      pthread_equal(thread, pthread_self()) != 0,
      "a task was resumed by another thread, whose moment no seed decides: what it waits for must be simulated"
    )
    ready.append(UnownedJob(job))
  }

  func enqueue<C: Clock>(
    _ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C
  ) {
    enqueue(job, after: clock.now.duration(to: instant), tolerance: tolerance, clock: clock)
  }

  func enqueue<C: Clock>(
    _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
  ) {
    guard let delay = delay as? Duration else { fatalError("a clock counts in \(C.Duration.self)") }
    let (seconds, attoseconds) = delay.components
    let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let length = nanoseconds.overflow ? .max / 2 : nanoseconds.partialValue + attoseconds / 1_000_000_000
    sleepers.add(UnownedJob(job), at: virtual_time_now() + max(0, length))
  }

  /// Runs until `isDone` says so.
  ///
  /// - Returns: false where nothing can run any more and nothing sleeps before that.
  func run(until isDone: () -> Bool) -> Bool {
    while !isDone() {
      if ready.isEmpty {
        guard let moment = sleepers.next else { return false }
        virtual_time_move(moment)
        ready += sleepers.wake(at: moment)
      }
      // Any that is ready may be the next on a real machine.
      let last = ready.count - 1
      let chosen = last == 0 ? 0 : Int(virtual_chance() % UInt64(last + 1))
      ready.swapAt(chosen, last)
      steps += 1
      record?.add(steps, ready.count, sleepers.count)
      ready.removeLast().runSynchronously(on: asUnownedTaskExecutor())
    }
    record?.write()
    return true
  }

  private struct Factory: ExecutorFactory {
    static var mainExecutor: any MainExecutor { Main.shared }
    static var defaultExecutor: any TaskExecutor { VirtualExecutor.shared }
  }

  /// What is for the main actor runs among the others.
  private final class Main: MainExecutor {
    static let shared = Main()

    func enqueue(_ job: consuming ExecutorJob) { VirtualExecutor.shared.enqueue(job) }
    func run() throws { fatalError("the simulation runs the main executor") }
    func stop() {}
  }
}

/// Jobs by the moment at which they go on; those of one moment in the order in which they went to sleep.
private struct Sleepers {
  private struct Sleeper {
    var moment: Int64
    var number: Int
    var job: UnownedJob

    static func < (left: Sleeper, right: Sleeper) -> Bool {
      (left.moment, left.number) < (right.moment, right.number)
    }
  }

  /// A binary heap.
  private var heap: [Sleeper] = []
  /// How many there have been.
  private(set) var count = 0

  /// When the first of them goes on.
  var next: Int64? { heap.first?.moment }

  mutating func add(_ job: UnownedJob, at moment: Int64) {
    count += 1
    heap.append(Sleeper(moment: moment, number: count, job: job))
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes out all that go on at `moment`.
  mutating func wake(at moment: Int64) -> [UnownedJob] {
    var woken: [UnownedJob] = []
    while let first = heap.first, first.moment <= moment {
      woken.append(first.job)
      let last = heap.removeLast()
      if !heap.isEmpty {
        heap[0] = last
        sink()
      }
    }
    return woken
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
