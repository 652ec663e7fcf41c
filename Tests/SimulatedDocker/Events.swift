import Foundation
import NIOCore

/// Something that happened in a simulated engine.
struct EngineHappening: Sendable {
  var at: Date
  var kind: String
  var action: String
  var id: String
  var attributes: [String: String]

  var line: ByteBuffer {
    let json: JSON = [
      "Type": .string(kind), "Action": .string(action),
      "Actor": ["ID": .string(id), "Attributes": .texts(attributes)],
      "time": .number(Int(at.timeIntervalSince1970)),
      "timeNano": .number(Int(at.timeIntervalSince1970 * 1e6) * 1000),
    ]
    return ByteBuffer(bytes: json.bytes + [UInt8(ascii: "\n")])
  }
}

extension EngineState {
  /// As many past events as an engine keeps.
  private static var kept: Int { 256 }

  mutating func tell(_ kind: String, _ action: String, _ id: String, _ attributes: [String: String]) {
    let happening = EngineHappening(at: Date(), kind: kind, action: action, id: id, attributes: attributes)
    history.append(happening)
    if history.count > Self.kept { history.removeFirst(history.count - Self.kept) }
    guard !listeners.isEmpty else { return }
    let line = happening.line
    for (_, listener) in listeners.sorted(by: { $0.key < $1.key }) where listener.filters.wants(happening) {
      listener.feed.yield(line)
    }
  }

  mutating func tell(_ action: String, of container: SimulatedContainer, _ more: [String: String] = [:]) {
    tell(
      "container", action, container.id,
      container.labels.merging(["name": container.name, "image": container.imageName]) { $1 }
        .merging(more) { $1 })
  }

  /// Tells `feed` of what has happened since a moment, and of all that will happen.
  mutating func listen(_ call: Call, _ feed: Feed) throws {
    let filters = try call.filters()
    if let since = EngineMoment.date(call.query["since"]) {
      for happening in history where happening.at >= since && filters.wants(happening) {
        feed.yield(happening.line)
      }
    }
    listeners[feed.number] = (filters, feed)
  }
}

extension Filters {
  fileprivate func wants(_ happening: EngineHappening) -> Bool {
    (kinds.isEmpty || kinds.contains(happening.kind)) && select(happening.attributes)
  }
}
