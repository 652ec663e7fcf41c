/// Whether a server and its Docker engine answer, judged from probes of different kinds.
///
/// One failed probe says little: a command may be slow, a connection may break. So Docker is down only when two
/// kinds of questions to it failed while its host answers, and a server is unreachable only when at least three
/// kinds of probes failed, spread over a minute, and nothing answered in between; or when another machine answers in its
/// place, by the host key. A question that nobody answers counts from when it was asked, since nothing came back from
/// then on. What is not sure yet changes nothing. Time is the observer's monotonic clock.
struct Reachability: Sendable, Equatable {
  /// A way of asking.
  enum Probe: String, Sendable, Hashable, CaseIterable {
    /// The stream of Docker's events.
    case events
    /// The list of containers.
    case list
    /// Docker's version, which it tells without looking anything up.
    case version
    /// A command on the host that does nothing.
    case host

    var asksDocker: Bool { self != .host }
  }

  typealias Absence = Server.Absence

  /// What is known.
  enum State: Sendable, Equatable {
    /// Docker answers, or nothing else is sure.
    case present
    /// Something is away, for the reason that the last probe gave.
    case absent(Absence, reason: String)

    var absence: Absence? { if case .absent(let absence, _) = self { absence } else { nil } }
  }

  /// How many failures, of as many kinds, it takes to call a server unreachable.
  static let failures = 3
  /// Over which time they must be spread.
  let spread: Duration

  private(set) var state: State
  /// Since anything of the server answered: when each kind of probe failed first and last, and why.
  private var silence: [Probe: Failure] = [:]
  /// The kinds of questions that Docker has not answered since it last did.
  private var unanswered: Set<Probe> = []
  /// Why Docker does not answer, as the last question to it told; the events count where nothing else was asked.
  private var dockersReason: String

  private struct Failure: Sendable, Equatable {
    var first: ContinuousClock.Instant
    var last: ContinuousClock.Instant
    var reason: String
  }

  /// - Parameter state: what the process before this one knew.
  init(_ state: State = .present, spread: Duration = .seconds(60)) {
    self.state = state
    self.spread = spread
    dockersReason = if case .absent(_, let reason) = state { reason } else { "Docker does not answer." }
  }

  /// Whether some probe failed and it is not known yet what that means.
  var isInDoubt: Bool { state == .present && !(silence.isEmpty && unanswered.isEmpty) }

  /// Notes that `probe` was answered. Returns whether something had failed before, so that there may be what waits
  /// for this.
  @discardableResult
  mutating func answered(_ probe: Probe) -> Bool {
    let wasQuiet = state != .present || !unanswered.isEmpty || !silence.isEmpty
    silence = [:]
    if probe.asksDocker {
      unanswered = []
      state = .present
    } else if state.absence == .unreachable || unanswered.count >= 2 {
      state = .absent(.dockerDown, reason: dockersReason)
    }
    return wasQuiet
  }

  /// Notes that `probe` failed at `now` because of `reason`.
  ///
  /// - Parameter asked: when it was asked, where that took its time.
  mutating func failed(
    _ probe: Probe, _ reason: String, asked: ContinuousClock.Instant? = nil, at now: ContinuousClock.Instant
  ) {
    silence[probe] = Failure(first: silence[probe]?.first ?? asked ?? now, last: now, reason: reason)
    if probe.asksDocker {
      unanswered.insert(probe)
      // The end of the events says that something is wrong, a question that fails says what.
      if probe != .events || unanswered == [.events] { dockersReason = reason }
    }
    if case .absent(.unreachable, _) = state { return }
    guard silence.count >= Self.failures, silence[.host] != nil,
      let first = silence.values.map(\.first).min(), let last = silence.values.map(\.last).max(),
      first.duration(to: last) >= spread
    else { return }
    state = .absent(.unreachable, reason: silence[.host]?.reason ?? reason)
  }

  /// Notes that what answers there is not the server, for `reason`: that is sure after one probe.
  mutating func isNotItself(_ reason: String) {
    state = .absent(.unreachable, reason: reason)
  }
}

extension Reachability.Absence {
  /// The absence of `server` in one sentence, in front of what a probe said of it.
  func sentence(_ server: String) -> String {
    switch self {
    case .dockerDown: "Docker on \(server) is down."
    case .unreachable: "\(server) does not answer."
    }
  }
}
