import CLibpq
import Glibc
import Logging
import Synchronization

/// One connection that listens for everybody, on a thread of its own that sleeps until the server or a new
/// listener has something to say.
final class Listener: Sendable {
  private struct State {
    var subscriptions = Subscriptions()
    var isRunning = false
    var isClosed = false
  }

  private let configuration: PostgresConfiguration
  private let logger: Logger
  private let state = Mutex(State())
  private let wakeUp = WakeUp()

  init(_ configuration: PostgresConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// How many events wait for a slow listener before it misses some.
  private static let buffered = 4096

  func listen(_ channels: [String]) -> AsyncStream<ListenEvent> {
    let (stream, events) = AsyncStream.makeStream(
      of: ListenEvent.self, bufferingPolicy: .bufferingOldest(Self.buffered))
    let (number, starts) = state.withLock { state -> (Int?, Bool) in
      guard !state.isClosed else { return (nil, false) }
      defer { state.isRunning = true }
      return (state.subscriptions.add(channels, events), !state.isRunning)
    }
    guard let number else {
      events.finish()
      return stream
    }
    events.onTermination = { [weak self] _ in
      self?.state.withLock { $0.subscriptions.remove(number) }
      self?.wakeUp.signal()
    }
    if starts { start() } else { wakeUp.signal() }
    return stream
  }

  func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      return state.subscriptions.removeAll()
    }
    for listener in listeners { listener.finish() }
    wakeUp.signal()
  }

  /// Without a thread nobody can be told anything, so the streams end, which their readers see.
  private func start() {
    do {
      try startThread(name: "postgres-listen") { self.run() }
    } catch {
      logger.error("listening for database notifications failed: \(error)")
      close()
    }
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func run() {
    var pause: Int32 = 100
    var hasListened = false
    while !isClosed {
      do {
        let handle = try ConnectionHandle(configuration, logger: logger) { isClosed }
        if hasListened { logger.info("listening for database notifications again") }
        pause = 100
        try serve(handle, again: hasListened) { hasListened = true }
      } catch is CancellationError {
        return
      } catch {
        logger.warning("listening for database notifications was interrupted, trying again: \(error)")
      }
      if isClosed { return }
      wakeUp.wait(milliseconds: pause + Int32.random(in: 0...(pause / 4)))
      pause = min(pause * 2, 5_000)
    }
  }

  /// Listens until the connection breaks, which throws, or the listener is closed.
  private func serve(_ handle: ConnectionHandle, again: Bool, onListening: () -> Void) throws {
    var listened: Set<String> = []
    var isAgain = again
    while true {
      let (wanted, isClosed) = state.withLock { ($0.subscriptions.channels, $0.isClosed) }
      if isClosed { return }
      for channel in wanted.subtracting(listened) { try command("LISTEN", channel, handle) }
      for channel in listened.subtracting(wanted) { try command("UNLISTEN", channel, handle) }
      listened = wanted
      let covered = state.withLock { [listened] in $0.subscriptions.covered(by: listened) }
      for subscription in covered { subscription.listens(again: isAgain) }
      isAgain = false
      onListening()
      try deliver(handle)
      wakeUp.wait(orReadable: handle.socket)
      guard PQconsumeInput(handle.connection) != 0, handle.isAlive else {
        let reason = String(cString: PQerrorMessage(handle.connection)).trimmingTrailingNewline
        throw PostgresError(.connectionLost, reason)
      }
    }
  }

  private func command(_ verb: String, _ channel: String, _ handle: ConnectionHandle) throws {
    let text = "\(verb) \(SQL.quoted(identifier: channel))"
    let result = PQexec(handle.connection, text)
    try ServerAnswer.check(result, handle, statement: text)
    PQclear(result)
  }

  private func deliver(_ handle: ConnectionHandle) throws {
    while let notification = PQnotifies(handle.connection) {
      defer { PQfreemem(notification) }
      let channel = String(cString: notification.pointee.relname)
      let payload = String(cString: notification.pointee.extra)
      let listening = state.withLock { $0.subscriptions.listening(on: channel) }
      for subscription in listening { subscription.tell(.notification(channel: channel, payload: payload)) }
    }
  }
}
