/// Counts how often Docker starts containers anew, to tell a crash now and then from a loop.
///
/// Docker's own counter counts since somebody last started the container, be that a year ago, so its growth within
/// some minutes is what tells. It misses nothing: what happened between two looks is in the counter.
struct CrashLoops: Sendable {
  /// So many ends within `window` are a loop.
  static let ends = 5
  static let window = Duration.seconds(300)

  private var samples: [String: [(at: ContinuousClock.Instant, count: Int)]] = [:]

  /// Notes that Docker has started `container` anew `count` times by now.
  mutating func note(_ container: String, count: Int, at now: ContinuousClock.Instant) {
    var known = samples[container] ?? []
    // Somebody started it by hand, which begins the count anew.
    if let last = known.last, last.count > count { known = [(now, 0)] }
    if known.last?.count != count { known.append((now, count)) }
    // The last one before the window is what the first one within it is compared with.
    while known.count > 1, known[1].at.duration(to: now) > Self.window { known.removeFirst() }
    samples[container] = known
  }

  /// How often Docker started `container` anew within the window before `now`.
  func restarts(of container: String, at now: ContinuousClock.Instant) -> Int {
    guard let known = samples[container], let last = known.last else { return 0 }
    return last.count - known[0].count
  }

  /// How often each container was started anew within the window.
  func restarts(at now: ContinuousClock.Instant) -> [String: Int] {
    samples.keys.reduce(into: [:]) { found, container in
      let count = restarts(of: container, at: now)
      if count > 0 { found[container] = count }
    }
  }

  /// Forgets containers that are gone.
  mutating func keep(_ containers: Set<String>) {
    samples = samples.filter { containers.contains($0.key) }
  }
}
