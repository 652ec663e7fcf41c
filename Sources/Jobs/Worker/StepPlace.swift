/// How far a job is: which steps are done, which were begun, and what is not recorded yet.
package struct StepPlace {
  private let names: [String]
  private var states: [Int: StepState]
  private let elapsed: [Int: Duration]
  /// How long steps have waited by now for what was away.
  let awaited: [Int: Duration]
  private let resumedAt: Int?
  private var unrecorded: Int?
  /// Whether steps have rows: always when there are several, and for a single one once it has waited or logged.
  let keepsRows: Bool

  /// What the store knows of a step. Durations are what workers measured, and of the last pause never more than
  /// was planned, so that no clock that jumps makes them long.
  package struct Record: Sendable {
    package var state: StepState
    /// Since the step began, without the time in which it was cut off.
    package var elapsed: Duration
    /// Since the step began to wait for something that is away, if it does.
    package var awaited: Duration?

    package init(state: StepState, elapsed: Duration, awaited: Duration?) {
      self.state = state
      self.elapsed = elapsed
      self.awaited = awaited
    }
  }

  /// Steps are found by their names, so that a newer program with more of them can go on.
  init(steps names: [String], recorded: [String: Record]) {
    self.names = names
    keepsRows = names.count > 1 || !recorded.isEmpty
    var states: [Int: StepState] = [:]
    var elapsed: [Int: Duration] = [:]
    var awaited: [Int: Duration] = [:]
    for (position, name) in names.enumerated() {
      guard let step = recorded[name] else { continue }
      states[position] = step.state
      // A step that waits to be tried again begins anew; one that snoozed or was cut off goes on.
      if step.state == .running { elapsed[position] = step.elapsed }
      awaited[position] = step.awaited
    }
    self.states = states
    self.elapsed = elapsed
    self.awaited = awaited
    resumedAt = names.indices.first { states[$0] != .done }
  }

  /// The first step that is not done; nil when all are.
  var next: Int? { names.indices.first { states[$0] != .done } }

  /// Steps that have begun and are not undone, in their order.
  var begun: [Int] { names.indices.filter { states[$0] != nil && states[$0] != .undone } }

  /// For undoing. A single step that was begun before may have no row; undoing looks before it acts.
  func begunOrFirst(isResumed: Bool) -> [Int] {
    names.count == 1 && isResumed && states.isEmpty ? [0] : begun
  }

  /// The attempts of the claim belong to the step that it was taken up at.
  func isFirstSinceClaim(_ position: Int) -> Bool { position == resumedAt }

  /// How long a step has taken before this claim.
  func elapsed(_ position: Int) -> Duration { elapsed[position] ?? .zero }

  mutating func begin(_ position: Int) {
    states[position] = .running
  }

  mutating func end(_ position: Int) {
    states[position] = .done
    if keepsRows { unrecorded = position }
  }

  /// The step that is done and must still be recorded as such.
  mutating func takeUnrecorded() -> Int? {
    defer { unrecorded = nil }
    return unrecorded
  }
}
