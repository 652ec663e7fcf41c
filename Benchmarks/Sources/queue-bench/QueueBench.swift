import Foundation
import Jobs
import Logging
import Postgres

/// The queue of this house behind the protocol that all measured queues share; `measure/queues/protocol.py` says
/// what each command does and prints. Beyond it:
///
///     burden COUNT MILLISECONDS   asks for COUNT jobs of one organisation that take that long each
///     others COUNT RATE           as `enqueue`, for three other organisations in turns
@main
struct QueueBench {
  static func main() async throws {
    var words = Array(CommandLine.arguments.dropFirst())
    guard let address = ProcessInfo.processInfo.environment["BENCH_DATABASE"], !words.isEmpty else {
      throw WrongUse("queue-bench prepare|fill|enqueue|hold|work …, with BENCH_DATABASE in the environment")
    }
    let command = words.removeFirst()
    let numbers = try words.map { word in
      guard let number = Int(word) else { throw WrongUse("“\(word)” is no number") }
      return number
    }
    var logger = Logger(label: "queue-bench")
    logger.handler = StreamLogHandler.standardError(label: "queue-bench")
    logger.logLevel = .error
    // One connection to ask with, as the queues beside it have; a worker brings its own.
    let database = Database(try PostgresConfiguration(url: address), connections: 1, logger: logger)
    let queue = JobQueue(database, logger: logger)
    switch (command, numbers.count) {
    case ("prepare", 0): try await Migrator(JobQueue.migrations).migrate(database)
    case ("fill", 1): try await fill(queue, count: numbers[0])
    case ("enqueue", 2): try await enqueue(queue, count: numbers[0], rate: numbers[1])
    case ("burden", 2): try await burden(queue, count: numbers[0], milliseconds: numbers[1])
    case ("others", 2): try await enqueue(queue, count: numbers[0], rate: numbers[1], organisations: 3)
    case ("hold", 0): try await queue.enqueue(Holding())
    case ("work", 2): try await work(queue, concurrency: numbers[0], count: numbers[1], logger: logger)
    default: throw WrongUse("there is no command “\(command)” with \(numbers.count) numbers")
    }
    await database.close()
  }

  private static func fill(_ queue: JobQueue, count: Int) async throws {
    for start in stride(from: 0, to: count, by: 1_000) {
      let size = min(1_000, count - start)
      try await queue.enqueue(contentsOf: (0..<size).map { _ in Nothing(askedAt: now()) })
    }
  }

  /// Jobs of one organisation that take that long each.
  private static func burden(_ queue: JobQueue, count: Int, milliseconds: Int) async throws {
    try await queue.enqueue(
      contentsOf: (0..<count).map { _ in Busy(milliseconds: milliseconds) }, organisation: UUID())
  }

  /// Of no organisation, or of that many in turns.
  private static func enqueue(
    _ queue: JobQueue, count: Int, rate: Int, organisations: Int = 0
  ) async throws {
    let organisations = (0..<organisations).map { _ in UUID() }
    // So that connecting is not measured.
    _ = try await queue.job(UUID())
    var durations: [Int] = []
    durations.reserveCapacity(count)
    let begin = ContinuousClock.now
    for number in 0..<count {
      if rate > 0 { try await Task.sleep(until: begin + .seconds(1) * number / rate) }
      let askedAt = now()
      let organisation = organisations.isEmpty ? nil : organisations[number % organisations.count]
      try await queue.enqueue(Nothing(askedAt: askedAt), options: .init(organisation: organisation))
      durations.append(now() - askedAt)
    }
    write(durations.map(String.init))
  }

  private static func work(_ queue: JobQueue, concurrency: Int, count: Int, logger: Logger) async throws {
    let record = Record(of: count)
    var kinds = JobKinds()
    kinds.add(Nothing.self, context: record)
    kinds.add(Busy.self, context: record)
    kinds.add(Holding.self, context: record)
    let worker = Worker(
      queue: queue, kinds: kinds, concurrency: concurrency, host: UUID().uuidString, logger: logger)
    let working = Task { try await worker.run() }
    await record.isComplete()
    working.cancel()
    try await working.value
    write(record.lines)
  }

  private static func write(_ lines: [String]) {
    FileHandle.standardOutput.write(Data(lines.map { $0 + "\n" }.joined().utf8))
  }
}

/// The command line was not understood.
struct WrongUse: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = "queue-bench: \(text)" }
}

/// Nanoseconds of the clock that all processes of a machine share and that nobody sets.
func now() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
