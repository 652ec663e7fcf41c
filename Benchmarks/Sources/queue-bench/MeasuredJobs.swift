import Foundation
import Jobs
import Synchronization

/// A job that does nothing but note when it began.
struct Nothing: PlainJob {
  typealias Context = Record
  static let kind = "bench.nothing"
  static let steps = [
    Step<Nothing>("Nothing", deadline: .seconds(60)) { job, _, record in
      record.note(askedAt: job.askedAt)
      return .done
    }
  ]

  /// When the call began that asked for it.
  let askedAt: Int
}

/// A job that holds its place for a while, as one that waits for a server does.
struct Busy: PlainJob {
  typealias Context = Record
  static let kind = "bench.busy"
  static let steps = [
    Step<Busy>("Wait", deadline: .seconds(60)) { job, _, _ in
      try await Task.sleep(for: .milliseconds(job.milliseconds))
      return .done
    }
  ]

  let milliseconds: Int
}

/// A job that says that it has begun and then goes on for longer than any measurement.
struct Holding: PlainJob {
  typealias Context = Record
  static let kind = "bench.holding"
  static let steps = [
    Step<Holding>("Hold", deadline: .seconds(3600)) { _, _, _ in
      FileHandle.standardOutput.write(Data("holding \(now())\n".utf8))
      // Nothing ever comes: it ends with the process.
      let (never, end) = AsyncStream.makeStream(of: Void.self)
      for await _ in never {}
      end.finish()
      return .done
    }
  ]
}

/// When jobs were asked for and when they began.
final class Record: Sendable {
  private let count: Int
  private let entries: Mutex<[(askedAt: Int, beganAt: Int)]>
  private let ends: AsyncStream<Void>
  private let end: AsyncStream<Void>.Continuation

  /// A record that is complete after `count` jobs.
  init(of count: Int) {
    self.count = count
    entries = Mutex([])
    (ends, end) = AsyncStream.makeStream()
  }

  /// Notes that a job begins now.
  func note(askedAt: Int) {
    let beganAt = now()
    let size = entries.withLock { entries in
      entries.append((askedAt, beganAt))
      return entries.count
    }
    if size == count { end.finish() }
  }

  /// Returns when the last job has begun.
  func isComplete() async {
    for await _ in ends {}
  }

  /// “asked began” of every job.
  var lines: [String] { entries.withLock { $0.map { "\($0.askedAt) \($0.beganAt)" } } }
}
