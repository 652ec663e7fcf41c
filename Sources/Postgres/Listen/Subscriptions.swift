import Synchronization

/// Who listens on what.
///
/// Nothing is told in here: it is kept under a lock which the end of a stream takes too, and whoever is told something
/// may be about to end his stream, holding what his waking waits for. So these functions return what is to be told,
/// for afterwards.
struct Subscriptions {
  private var subscriptions: [Int: Subscription] = [:]
  private var numbers = 0

  /// The channels that LISTEN must cover.
  var channels: Set<String> {
    subscriptions.values.reduce(into: []) { $0.formUnion($1.channels) }
  }

  mutating func add(_ channels: [String], _ events: AsyncStream<ListenEvent>.Continuation) -> Int {
    numbers += 1
    subscriptions[numbers] = Subscription(channels: Set(channels), events: events)
    return numbers
  }

  mutating func remove(_ number: Int) {
    subscriptions[number] = nil
  }

  mutating func removeAll() -> [Subscription] {
    defer { subscriptions = [:] }
    return Array(subscriptions.values)
  }

  /// Those whose channels are all among `channels`.
  func covered(by channels: Set<String>) -> [Subscription] {
    subscriptions.values.filter { $0.channels.isSubset(of: channels) }
  }

  /// Those who listen on `channel`.
  func listening(on channel: String) -> [Subscription] {
    subscriptions.values.filter { $0.channels.contains(channel) }
  }
}

/// One who listens. Only the thread of the listener tells him something.
final class Subscription: Sendable {
  let channels: Set<String>
  private let events: AsyncStream<ListenEvent>.Continuation
  private let isListening = Atomic(false)
  private let hasMissed = Atomic(false)

  init(channels: Set<String>, events: AsyncStream<ListenEvent>.Continuation) {
    self.channels = channels
    self.events = events
  }

  /// LISTEN is in force on his channels: told once, and after a lost connection.
  func listens(again: Bool) {
    if !isListening.exchange(true, ordering: .relaxed) {
      tell(.listening)
    } else if again {
      tell(.reconnected)
    }
  }

  /// One who is too slow loses notifications, and is told so when he has caught up.
  func tell(_ event: ListenEvent) {
    if hasMissed.load(ordering: .relaxed) {
      guard case .enqueued = events.yield(.reconnected) else { return }
      hasMissed.store(false, ordering: .relaxed)
    }
    if case .dropped = events.yield(event) { hasMissed.store(true, ordering: .relaxed) }
  }

  /// Ends his stream.
  func finish() { events.finish() }
}
