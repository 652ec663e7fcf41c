/// One record of Odoo's log: its first line taken apart, and the lines that belong to it.
///
/// The format is the same in 14.0 to 19.0 (`odoo/netsvc.py`): time, process, level, database, logger,
/// message, and for web requests three or four figures about time. A traceback follows on lines of its own.
public struct LogLine: Hashable, Sendable {
  /// What the first line says; nil for text that is no record of Odoo's, such as a message of the shell.
  public var head: Head?
  /// The message, or the whole line where there is no head. Without colour codes.
  public var message: String
  /// Further lines of the message and the traceback, without colour codes.
  public var details: [String]

  /// A record or a raw line.
  public init(head: Head?, message: String, details: [String] = []) {
    self.head = head
    self.message = message
    self.details = details
  }

  /// The first line of a record, without its message.
  public struct Head: Hashable, Sendable {
    /// When, in the time zone of the process; a container's is UTC unless told otherwise.
    public var time: LogTime
    /// The process.
    public var process: Int
    /// How grave.
    public var level: LogLevel
    /// The database at work; nil where Odoo writes `?`.
    public var database: String?
    /// The logger, mostly the Python module: `odoo.modules.loading`, `werkzeug`.
    public var logger: String
    /// Figures of a web request.
    public var performance: Performance?
  }

  /// What a web request cost.
  public struct Performance: Hashable, Sendable {
    /// Database queries.
    public var queries: Int
    /// Seconds in the database.
    public var queryTime: Double
    /// Seconds elsewhere.
    public var remainingTime: Double
    /// Where the cursor went, with a replica: `ro`, `rw`, `ro->rw`.
    public var cursorMode: String?
  }

  /// The level, or nil for a raw line.
  public var level: LogLevel? { head?.level }

  /// Message and details as they were, colours apart.
  public var text: String { ([message] + details).joined(separator: "\n") }

  /// The last line of a traceback: `ValueError: …`. Nil where there is no traceback.
  public var exception: String? {
    let lines = [message] + details
    guard let start = lines.lastIndex(where: { $0.hasPrefix("Traceback (most recent call last)") }) else {
      return nil
    }
    return lines[(start + 1)...].first { line in
      guard let first = line.first else { return false }
      return !first.isWhitespace
    }
  }
}

/// The levels of Odoo's log. Its level 25 (`RUNBOT`) is displayed as INFO.
public enum LogLevel: String, CaseIterable, Hashable, Comparable, Codable, Sendable {
  /// Details for development.
  case debug = "DEBUG"
  /// What goes on.
  case info = "INFO"
  /// Something odd that does not stop the work.
  case warning = "WARNING"
  /// Something failed.
  case error = "ERROR"
  /// The server cannot do its work.
  case critical = "CRITICAL"

  /// Orders by gravity.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    case .critical: 4
    }
  }
}
