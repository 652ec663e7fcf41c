import Foundation

/// Lets a form do its work once, however often it is sent: who sends it again gets what the first time gave, a secret
/// that is said once included. It remembers for ten minutes, in this process; beyond that the use cases' own keys hold.
actor Submissions<Value: Sendable> {
  private struct Entry {
    let task: Task<Value, any Error>
    let since: ContinuousClock.Instant
  }

  private var entries: [String: Entry] = [:]
  private let kept = Duration.seconds(600)

  /// What `work` gives, run once for the form `key` of `person`. A failure is forgotten, so that the corrected form can
  /// be sent under the same key.
  func once(
    _ key: String, by person: UUID, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    guard !key.isEmpty else { return try await work() }
    let now = ContinuousClock.now
    entries = entries.filter { now - $0.value.since < kept }
    let name = "\(person) \(key)"
    if let entry = entries[name] { return try await entry.task.value }
    // Not bound to this request: a second click makes the browser give the first one up.
    let task = Task { try await work() }
    entries[name] = Entry(task: task, since: now)
    do {
      return try await task.value
    } catch {
      entries[name] = nil
      throw error
    }
  }
}
