/// Why Odoo did not start or did not finish, for people: one sentence, what to do, and the line it was read
/// from.
public struct FailureReason: Error, Hashable, Codable, Sendable, CustomStringConvertible {
  /// What kind of failure; stable names for the API.
  public enum Cause: String, CaseIterable, Hashable, Codable, Sendable {
    /// Too little memory, or a limit on it.
    case memory
    /// The disk is full.
    case disk
    /// A port is taken.
    case portInUse
    /// The database server cannot be reached, or refuses.
    case database
    /// The database has no tables of Odoo's, or those of another version.
    case databaseState
    /// `odoo.conf` or the command line cannot be read.
    case configuration
    /// A module is not there.
    case unknownModule
    /// A Python package is not there.
    case pythonPackage
    /// A file or folder cannot be read or written.
    case permission
    /// Python or PostgreSQL is too old.
    case outdated
    /// An error in a module's code or data.
    case module
    /// Ended from outside.
    case killed
    /// It ended, and nothing in its log says why.
    case silent
    /// None of these.
    case unknown
  }

  /// The kind.
  public var cause: Cause
  /// What happened, as one sentence.
  public var message: String
  /// What to do next, as one sentence.
  public var suggestion: String
  /// The line of the log that tells it.
  public var evidence: String?

  /// A reason.
  public init(cause: Cause, message: String, suggestion: String, evidence: String? = nil) {
    self.cause = cause
    self.message = message
    self.suggestion = suggestion
    self.evidence = evidence
  }

  /// Message and suggestion.
  public var description: String { "\(message) \(suggestion)" }

  /// How many records of a log's end are looked at.
  public static let tailLength = 500

  /// The reason that the end of a log and an exit status give.
  /// - Parameters:
  ///   - logTail: the last lines of the output, logging and standard error together.
  ///   - exitCode: the status of the process; nil where it is not known. 128 + n for signal n.
  ///   - outOfMemory: whether the kernel is known to have killed it for lack of memory (`OOMKilled`).
  public static func from(logTail: String, exitCode: Int32?, outOfMemory: Bool = false) -> FailureReason {
    from(LogParser.records(in: logTail), exitCode: exitCode, outOfMemory: outOfMemory)
  }

  /// The reason that records and an exit status give.
  public static func from(_ records: [LogLine], exitCode: Int32?, outOfMemory: Bool = false) -> FailureReason
  {
    explain(Array(lastStart(of: records).suffix(tailLength)), exitCode: exitCode, outOfMemory: outOfMemory)
  }

  /// The reason that records of one run give.
  static func explain(_ lines: [LogLine], exitCode: Int32?, outOfMemory: Bool) -> FailureReason {
    if outOfMemory { return .outOfMemory(evidence: nil) }
    let telling = lines.filter { line in
      // An exception that nothing caught is printed bare, and so hangs on whatever record came before it.
      guard let level = line.level, line.exception == nil else { return true }
      return level >= .error || (level == .warning && line.message.hasPrefix("invalid module names"))
    }
    let texts = telling.map { SearchedLine($0) }
    for sign in FailureSign.all {
      for text in texts {
        if let reason = sign.reason(in: text) { return reason }
      }
    }
    return byException(in: lines) ?? byExitCode(exitCode, lines: lines)
  }

  /// The records since the server last began, so that an old error of a run that went on is not blamed.
  private static func lastStart(of records: [LogLine]) -> ArraySlice<LogLine> {
    let start = records.lastIndex { $0.head?.logger == "odoo" && $0.message.hasPrefix("Odoo version ") }
    return records[(start ?? 0)...]
  }

  static func outOfMemory(evidence: String?) -> FailureReason {
    FailureReason(
      cause: .memory, message: "Odoo was killed because memory ran out.",
      suggestion: "Raise the memory limit, or use fewer workers.", evidence: evidence)
  }

  /// The last exception of the gravest kind, in a sentence of its own where no known pattern says it better.
  private static func byException(in lines: [LogLine]) -> FailureReason? {
    let exceptions = lines.filter { $0.exception != nil }
    let gravest = exceptions.last { $0.level == .critical } ?? exceptions.last
    guard let line = gravest ?? lines.last(where: isError) else { return nil }
    let what = line.exception ?? line.message
    let place =
      line.message.between("Failed to initialize database `", "`").map {
        "Odoo could not load the database \($0)"
      }
      ?? "Odoo stopped with an error"
    return FailureReason(
      cause: .module, message: "\(place): \(sentence(what))",
      suggestion: "Look at the log for the module it comes from.", evidence: what)
  }

  private static func isError(_ line: LogLine) -> Bool {
    guard let level = line.level else { return false }
    return level >= .error
  }

  private static func byExitCode(_ code: Int32?, lines: [LogLine]) -> FailureReason {
    let last = lines.last { !$0.message.isEmpty }?.message
    switch code {
    case 137:
      return FailureReason(
        cause: .killed, message: "Odoo was killed from outside, most often for lack of memory.",
        suggestion: "Look at the server's memory; raise the memory limit or use fewer workers.",
        evidence: last)
    case 143:
      return FailureReason(
        cause: .killed, message: "Odoo was told to stop.",
        suggestion: "Start it again if that was not meant.",
        evidence: last)
    case 139:
      return FailureReason(
        cause: .unknown, message: "Odoo crashed in native code (segmentation fault).",
        suggestion: "Check Python packages with compiled parts that were changed lately.", evidence: last)
    case 126, 127:
      return FailureReason(
        cause: .configuration, message: "The program odoo is missing in the image or cannot be run.",
        suggestion: "Check which image the instance uses.", evidence: last)
    case .some(let code):
      return FailureReason(
        cause: .silent, message: "Odoo ended with status \(code) and did not say why.",
        suggestion: "Look at the end of the log.", evidence: last)
    case nil:
      return FailureReason(
        cause: .silent, message: "Odoo ended, and it is not known how.",
        suggestion: "Look at the end of the log, and start it again.", evidence: last)
    }
  }

  /// An exception's text as the end of a sentence: one line, not too long, with a full stop.
  static func sentence(_ text: String) -> String {
    let line = text.prefix { $0 != "\n" }
    let cut = line.count > 200 ? line.prefix(200) + "…" : line
    return cut.last.map { ".!?…".contains($0) } ?? false ? String(cut) : cut + "."
  }
}

extension LogLine {
  /// Whether this is a traceback outside Odoo's logging, as of an error before logging was set up.
  var isRawTraceback: Bool { head == nil && message.hasPrefix("Traceback (most recent call last)") }
}
