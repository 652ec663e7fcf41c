import Dispatch
import Foundation

/// The person pressed Ctrl-C.
struct Interrupted: Error {}

/// Runs `body` until it ends or Ctrl-C is pressed.
///
/// Throws `Interrupted` after Ctrl-C; `body` was cancelled then. A second Ctrl-C ends the program as usual.
func untilInterrupted<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws
  -> Result
{
  let (interrupts, interrupt) = AsyncStream<Void>.makeStream()
  signal(SIGINT, SIG_IGN)
  let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
  source.setEventHandler {
    signal(SIGINT, SIG_DFL)
    interrupt.yield()
  }
  source.resume()
  defer {
    source.cancel()
    signal(SIGINT, SIG_DFL)
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
