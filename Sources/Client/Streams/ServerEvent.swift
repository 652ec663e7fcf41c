/// One event of a `text/event-stream`.
public struct ServerEvent: Sendable, Equatable {
  /// The id with which a later request goes on behind this event.
  public var id: String?
  /// The kind, `message` where none is named.
  public var name: String
  /// The data, its lines joined by newlines.
  public var data: String
}

/// Takes the bytes of a `text/event-stream` apart, in whatever pieces they come (WHATWG HTML, section 9.2).
struct ServerEventParser {
  private var line: [UInt8] = []
  private var afterCarriageReturn = false
  private var name = ""
  private var data: [String] = []
  private(set) var lastID: String?

  /// The events that are complete with `bytes`.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [ServerEvent] {
    var events: [ServerEvent] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n"), afterCarriageReturn {
        afterCarriageReturn = false
        continue
      }
      afterCarriageReturn = byte == UInt8(ascii: "\r")
      if byte == UInt8(ascii: "\n") || afterCarriageReturn {
        if let event = endLine() { events.append(event) }
      } else {
        line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine() -> ServerEvent? {
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else { return endEvent() }
    let text = String(decoding: line, as: UTF8.self)
    let field = text.prefix { $0 != ":" }
    var value = text.dropFirst(field.count + 1)
    if value.first == " " { value.removeFirst() }
    switch field {
    case "event": name = String(value)
    case "data": data.append(String(value))
    case "id" where !value.contains("\0"): lastID = String(value)
    default: break  // A comment, which only shows that the other side lives, or a field of a later standard.
    }
    return nil
  }

  private mutating func endEvent() -> ServerEvent? {
    defer {
      name = ""
      data.removeAll()
    }
    guard !data.isEmpty else { return nil }
    return ServerEvent(id: lastID, name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
  }
}
