/// Makes records of a log that arrives in pieces.
///
/// A record is complete when the next one begins, so the newest one is held back; `flush` gives it out when
/// nothing has come for a while. Memory stays bounded: overlong lines are cut, and a record with too many
/// lines is given out in parts.
public struct LogParser: Sendable {
  /// The longest line kept, in bytes; what is beyond is dropped.
  public static let maximumLineLength = 64 * 1_024
  /// Most further lines of one record.
  public static let maximumDetails = 2_000

  private var bytes: [UInt8] = []
  private var droppingRest = false
  private var pending: LogLine?

  /// A parser at the beginning of a log, or anywhere in it: lines before the first record are raw.
  public init() {}

  /// Takes the next piece of the log, which may end anywhere, inside a character too.
  /// - Returns: the records that it completed.
  public mutating func feed(_ piece: some Sequence<UInt8>) -> [LogLine] {
    var complete: [LogLine] = []
    for byte in piece {
      if byte == UInt8(ascii: "\n") {
        take(line: endLine(), into: &complete)
      } else if bytes.count < Self.maximumLineLength {
        bytes.append(byte)
      } else {
        droppingRest = true
      }
    }
    return complete
  }

  /// Takes the next piece of the log as text.
  public mutating func feed(_ piece: String) -> [LogLine] { feed(piece.utf8) }

  /// Gives out the record held back, and, at the end of the log, an unfinished last line.
  /// - Parameter atEnd: whether nothing more will come.
  public mutating func flush(atEnd: Bool = false) -> [LogLine] {
    var complete: [LogLine] = []
    if atEnd, !bytes.isEmpty { take(line: endLine(), into: &complete) }
    if let pending { complete.append(pending) }
    pending = nil
    return complete
  }

  /// All records of a text.
  public static func records(in text: String) -> [LogLine] {
    var parser = LogParser()
    return parser.feed(text) + parser.flush(atEnd: true)
  }

  private mutating func endLine() -> String {
    var line = String(decoding: bytes, as: UTF8.self)
    if droppingRest { line += "…" }
    bytes.removeAll(keepingCapacity: true)
    droppingRest = false
    return TerminalCodes.stripped(line)
  }

  private mutating func take(line: String, into complete: inout [LogLine]) {
    if let record = LogLine.head(of: line) {
      if let pending { complete.append(pending) }
      pending = record
    } else if pending != nil, !Self.standsAlone(line), let count = pending?.details.count,
      count < Self.maximumDetails
    {
      pending?.details.append(line)
    } else {
      if let pending { complete.append(pending) }
      pending = nil
      let raw = LogLine(head: nil, message: line)
      if raw.isRawTraceback {
        // An error before logging was set up: its lines belong together as well.
        pending = raw
      } else if !line.isEmpty {
        complete.append(raw)
      }
    }
  }

  /// Whether a line comes from outside Odoo's logging, and so never continues a record.
  private static func standsAlone(_ line: String) -> Bool {
    let whole: Set = ["Killed", "Terminated", "Aborted", "Segmentation fault"]
    return whole.contains(line) || line.hasPrefix("Segmentation fault (") || line.hasPrefix("Killed (")
      || line.hasPrefix("Running as user 'root'") || line.hasPrefix("Using the database user 'postgres'")
      || line.hasPrefix("Database connection failure:") || line == "Address already in use"
      || (line.hasPrefix("Port ") && line.contains(" is in use by another program"))
  }
}
