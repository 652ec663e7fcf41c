/// Which question is put to a server at rest: one at a time, so that a tick is one round trip.
///
/// The list of containers is the one that matters, and is asked at least at every other tick. What rarely changes by
/// itself takes its turn when its time has come.
struct Rota: Sendable {
  /// A question that one round trip answers.
  enum Question: Sendable, CaseIterable {
    /// The list of containers.
    case containers
    /// How full the host is: a command.
    case facts
    /// The list of volumes.
    case volumes
    /// The list of networks.
    case networks
    /// The marks of folders: a command.
    case folders
    /// How much the instances store. Docker may take minutes for the answer, which nobody waits for.
    case storage

    /// Whether Docker's answer shows that it is there.
    var showsDocker: Bool { ![.facts, .folders, .storage].contains(self) }
  }

  private let pauses: [Question: Duration]
  private var askedAt: [Question: ContinuousClock.Instant] = [:]
  private var last: Question?

  /// A rota that begins somewhere in its turn, so that servers that are watched since the same moment are asked at
  /// different ones.
  init(_ timing: WatchTiming, at now: ContinuousClock.Instant) {
    pauses = [
      .facts: timing.facts, .volumes: timing.parts, .networks: timing.parts, .folders: timing.folders,
      .storage: timing.storage,
    ]
    for (question, pause) in pauses { askedAt[question] = now - pause * Double.random(in: 0..<1) }
  }

  /// Whether the time of `question` has come.
  func isDue(_ question: Question, at now: ContinuousClock.Instant) -> Bool {
    overdue(question, at: now) >= .zero
  }

  /// What to ask now.
  mutating func next(at now: ContinuousClock.Instant) -> Question {
    let waiting = pauses.keys.max { overdue($0, at: now) < overdue($1, at: now) }
    let question =
      if let waiting, last == .containers, isDue(waiting, at: now) { waiting } else { Question.containers }
    note(question, at: now)
    return question
  }

  /// Notes that `question` is asked.
  mutating func note(_ question: Question, at now: ContinuousClock.Instant) {
    askedAt[question] = now
    last = question
  }

  private func overdue(_ question: Question, at now: ContinuousClock.Instant) -> Duration {
    guard let pause = pauses[question], let asked = askedAt[question] else { return .zero }
    return asked.duration(to: now) - pause
  }
}
