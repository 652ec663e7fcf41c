import Foundation
import Jobs
import Logging
import Postgres
import Synchronization

@testable import Hosting
@testable import JobsTesting
@testable import SimulatedFleet

/// What stands between a process and everything outside of it.
final class Gate: Sendable {
  /// What the process does.
  enum Condition: Sendable {
    case runs
    case isStopped
    case isDead
  }

  /// The process has been killed: nothing that it tries has an effect any more.
  struct Dead: Error {}

  private struct State {
    var condition = Condition.runs
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  @TaskLocal static var present: Gate?
  private let state = Mutex(State())

  var condition: Condition { state.withLock { $0.condition } }

  /// Passes while the process runs, and waits while it is stopped.
  func pass() async throws {
    while condition == .isStopped {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          guard state.condition == .isStopped else { return true }
          state.waiting.append(continuation)
          return false
        }
        if goesOn { continuation.resume() }
      }
    }
    if condition == .isDead { throw Dead() }
  }

  func set(_ condition: Condition) {
    let waiting = state.withLock { state in
      state.condition = condition
      guard condition != .isStopped else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// One process of the control plane: the domain with its worker and its watcher.
final class ControlPlane: Sendable {
  let number: Int
  /// How it is called among the workers.
  var identity: String { "process-\(number)" }
  let hosting: Hosting
  let gate = Gate()
  private let tasks = Mutex<[Task<Void, Never>]>([])

  init(_ number: Int, _ hosting: Hosting) {
    self.number = number
    self.hosting = hosting
  }

  func start() {
    let (hosting, identity) = (hosting, identity)
    Gate.$present.withValue(gate) {
      let worker = Task<Void, Never> {
        try? await hosting.runWorker(operationsAtOnce: 16, identity: identity, holdsFolder: false)
      }
      let watcher = Task<Void, Never> { try? await hosting.runWatcher() }
      tasks.withLock { $0 = [worker, watcher] }
    }
  }

  /// As one of its users.
  func asked<Result: Sendable>(_ body: @Sendable (Hosting) async throws -> Result) async throws -> Result {
    try await Gate.$present.withValue(gate) { try await body(hosting) }
  }

  /// kill -9.
  func kill() {
    gate.set(.isDead)
    for task in tasks.withLock({ $0 }) { task.cancel() }
  }

  /// SIGTERM, and the end.
  func stop() async {
    let all = tasks.withLock { $0 }
    for task in all { task.cancel() }
    for task in all { await task.value }
    await asIfDisconnected()
  }

  private func asIfDisconnected() async {
    await hosting.disconnect()
  }
}
