import Client
import Foundation
import Hosting

/// The lines of an instance's log as events. A line's id is its time, and its place among the lines of that time, so
/// that who lost the connection goes on behind the last line that he has.
struct LogEvents: AsyncSequence, Sendable {
  typealias Element = OutgoingEvent

  /// Where a line stands in the log.
  struct Position: Equatable, Comparable {
    /// Microseconds since 1970.
    var time: Int
    /// How many lines of the same time stand before it.
    var place: Int

    init(time: Int, place: Int) {
      self.time = time
      self.place = place
    }

    /// The position that an event's id names; nil where it names none.
    init?(_ id: String) {
      let parts = id.split(separator: "-").map { Int($0) }
      guard parts.count == 2, let time = parts[0], let place = parts[1] else { return nil }
      self.init(time: time, place: place)
    }

    var id: String { "\(time)-\(place)" }

    static func < (left: Position, right: Position) -> Bool {
      (left.time, left.place) < (right.time, right.place)
    }
  }

  let lines: AsyncThrowingStream<InstanceLogLine, any Error>
  /// The last line that is known already.
  let after: Position?

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(lines: lines.makeAsyncIterator(), after: after)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    private var lines: AsyncThrowingStream<InstanceLogLine, any Error>.AsyncIterator
    private let after: Position?
    private var last: Position?
    private var isOver = false

    fileprivate init(lines: AsyncThrowingStream<InstanceLogLine, any Error>.AsyncIterator, after: Position?) {
      self.lines = lines
      self.after = after
    }

    mutating func next() async throws -> OutgoingEvent? {
      while let line = try await lines.next() {
        let time = Int((line.time.timeIntervalSince1970 * 1_000_000).rounded())
        let position = Position(time: time, place: last?.time == time ? (last?.place ?? 0) + 1 : 0)
        last = position
        if let after, position <= after { continue }
        return try OutgoingEvent(id: position.id, name: "line", json: API.LogLine(line))
      }
      guard !isOver else { return nil }
      isOver = true
      return .end
    }
  }
}
