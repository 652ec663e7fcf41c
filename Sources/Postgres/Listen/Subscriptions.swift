/// Who listens on what, and what each was told last.
struct Subscriptions {
  private struct Subscription {
    let channels: Set<String>
    let events: AsyncStream<ListenEvent>.Continuation
    var isListening = false
    var hasMissed = false
  }

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

  mutating func removeAll() -> [AsyncStream<ListenEvent>.Continuation] {
    defer { subscriptions = [:] }
    return subscriptions.values.map(\.events)
  }

  /// LISTEN is in force on these channels: tells those who did not know, and after a lost connection everybody.
  mutating func listening(on channels: Set<String>, again: Bool) {
    for (number, subscription) in subscriptions where subscription.channels.isSubset(of: channels) {
      if !subscription.isListening {
        subscriptions[number]?.isListening = true
        tell(number, .listening)
      } else if again {
        tell(number, .reconnected)
      }
    }
  }

  mutating func notify(channel: String, payload: String) {
    for (number, subscription) in subscriptions where subscription.channels.contains(channel) {
      tell(number, .notification(channel: channel, payload: payload))
    }
  }

  /// A listener that is too slow loses notifications, and is told so when it has caught up.
  private mutating func tell(_ number: Int, _ event: ListenEvent) {
    guard let subscription = subscriptions[number] else { return }
    if subscription.hasMissed {
      guard case .enqueued = subscription.events.yield(.reconnected) else { return }
      subscriptions[number]?.hasMissed = false
    }
    if case .dropped = subscription.events.yield(event) {
      subscriptions[number]?.hasMissed = true
    }
  }
}
