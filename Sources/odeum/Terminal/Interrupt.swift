import Dispatch
import Foundation

/// The person pressed Ctrl-C, or the program was told to end.
struct Interrupted: Error {}

/// Runs `body` until it ends, or until Ctrl-C is pressed or the program is told to end.
///
/// Throws `Interrupted` then; `body` was cancelled. A second Ctrl-C ends the program as usual.
func untilInterrupted<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws
  -> Result
{
  let (interrupts, interrupt) = AsyncStream<Void>.makeStream()
  let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      signal(number, SIG_DFL)
      interrupt.yield()
    }
    source.resume()
    return source
  }
  defer {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
  }
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      for await _ in interrupts { throw Interrupted() }
      return nil
    }
    defer { group.cancelAll() }
    while let result = try await group.next() {
      if let result { return result }
    }
    throw CancellationError()
  }
}
