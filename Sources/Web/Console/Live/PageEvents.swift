import Client
import Foundation
import Hosting

/// The events of one page, over the one stream that it opens: `change` where something that it shows has changed, which
/// makes its live parts be fetched again; `log` with new lines; `end` when nothing more will come.
struct PageEvents: AsyncSequence, Sendable {
  typealias Element = OutgoingEvent

  /// Fills the mailbox until it is cancelled.
  let feed: @Sendable (Mailbox) async throws -> Void
  /// How long changes are gathered before they are told.
  var pace = Duration.milliseconds(120)

  func makeAsyncIterator() -> Iterator { Iterator(feed: feed, pace: pace) }

  final class Iterator: AsyncIteratorProtocol {
    private let mailbox = Mailbox()
    private let feeding: Task<Void, any Error>
    private let pace: Duration
    private var ready: [OutgoingEvent] = []
    private var hasEnded = false

    init(feed: @escaping @Sendable (Mailbox) async throws -> Void, pace: Duration) {
      self.pace = pace
      feeding = Task { [mailbox] in
        do {
          try await feed(mailbox)
        } catch {
          await mailbox.close()
          throw error
        }
      }
    }

    deinit { feeding.cancel() }

    func next() async throws -> OutgoingEvent? {
      if ready.isEmpty {
        guard !hasEnded else { return nil }
        guard let content = await mailbox.take() else {
          guard !Task.isCancelled else { return nil }
          try await feeding.value
          return nil
        }
        hasEnded = content.ended
        ready = try Self.events(content)
        if !hasEnded { try? await Task.sleep(for: pace) }
      }
      return ready.isEmpty ? nil : ready.removeFirst()
    }

    /// So that neither side holds more than a part of a long log as one text.
    private static let linesPerEvent = 5000

    private static func events(_ content: Mailbox.Content) throws -> [OutgoingEvent] {
      var events: [OutgoingEvent] = []
      var reset = content.reset
      var rest = content.lines[...]
      while reset || !rest.isEmpty {
        let part = rest.prefix(linesPerEvent)
        let message = LogMessage(reset: reset, lines: part.map { [$0.look, $0.text] })
        let number = part.last?.number.map(String.init)
        events.append(try OutgoingEvent(id: number, name: "log", json: message))
        rest = rest.dropFirst(linesPerEvent)
        reset = false
      }
      if content.changed { events.append(OutgoingEvent(name: "change", data: "{}")) }
      if content.ended { events.append(.end) }
      return events
    }
  }

  /// Lines for the log viewer: pairs of look and text.
  private struct LogMessage: Encodable {
    var reset: Bool
    var lines: [[String]]
  }
}
