/// Thrown by `withDeadline` when the time was over first.
package struct DeadlineExceeded: Error {}

/// Runs `work`, and cancels it when it has not ended after `limit`. Returns after `work` has ended in any case.
///
/// - Throws: `DeadlineExceeded` if the time was over first; else what `work` throws.
package func withDeadline<Value: Sendable>(
  _ limit: Duration, _ work: @Sendable @escaping () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: limit, clock: .continuous)
      return nil
    }
    defer { group.cancelAll() }
    // The group has two tasks, so its first result is there; the sleeper's is `nil`.
    guard let first = try await group.next(), let value = first else {
      group.cancelAll()
      while let late = try? await group.next() {
        // The work may have ended in the very moment in which it was cancelled: then it counts.
        if let value = late { return value }
      }
      throw DeadlineExceeded()
    }
    return value
  }
}
