/// What the log of an init or update run says about its success.
///
/// The exit status alone is not enough: a module that Odoo does not find is only a warning, and the run ends
/// with 0. Nor does every failed part end the run. So a run succeeded when its status is 0 and nothing was
/// logged at ERROR or above; warnings make it almost successful, as on Odoo.sh.
public struct LogVerdict: Sendable {
  /// How a run came out.
  public enum Outcome: Hashable, Sendable {
    /// Nothing to say.
    case success
    /// It worked, and logged so many warnings.
    case warnings(Int)
    /// It did not work.
    case failure(FailureReason)
  }

  /// Most findings of each kind that are kept; the counts go on.
  public static let kept = 50

  /// Number of records at ERROR and CRITICAL.
  public private(set) var errorCount = 0
  /// Number of records at WARNING, without those of Python's own warnings, which concern Odoo's developers.
  public private(set) var warningCount = 0
  /// The first errors.
  public private(set) var errors: [LogLine] = []
  /// The first warnings.
  public private(set) var warnings: [LogLine] = []
  /// Modules asked for that Odoo does not know.
  public private(set) var ignoredModules: [String] = []
  /// How many modules Odoo said it had loaded, last.
  public private(set) var modulesLoaded: Int?

  private var tail: [LogLine] = []
  private var ignored: [LogLine] = []

  /// A verdict before the first line.
  public init() {}

  /// The verdict about a whole log.
  public init(log: String) {
    for line in LogParser.records(in: log) { take(line) }
  }

  /// Takes the next record into account.
  public mutating func take(_ line: LogLine) {
    tail.append(line)
    if tail.count > 2 * FailureReason.tailLength { tail.removeFirst(FailureReason.tailLength) }
    guard let head = line.head else { return }
    switch head.level {
    case .error, .critical:
      errorCount += 1
      if errors.count < Self.kept { errors.append(line) }
    case .warning where head.logger != "py.warnings":
      warningCount += 1
      if warnings.count < Self.kept { warnings.append(line) }
      if let names = line.message.after("invalid module names, ignored: ") {
        ignored.append(line)
        ignoredModules += names.split(separator: ",").map(\.trimmingBlanks)
      }
    case .info where head.logger == "odoo.modules.loading":
      // "42 modules loaded in 1.23s, 1234 queries (+0 extra)"
      let words = line.message.split(separator: " ", maxSplits: 3)
      if words.count == 4, words[1] == "modules", words[2] == "loaded", let count = Int(words[0]) {
        modulesLoaded = count
      }
    default: break
    }
  }

  /// How the run came out.
  /// - Parameters:
  ///   - exitCode: the status of the process; nil where it is not known, as for one that vanished.
  ///   - outOfMemory: whether the kernel is known to have killed it for lack of memory.
  public func outcome(exitCode: Int32?, outOfMemory: Bool = false) -> Outcome {
    if exitCode == 0, !outOfMemory, errorCount == 0, ignoredModules.isEmpty {
      return warningCount == 0 ? .success : .warnings(warningCount)
    }
    return .failure(
      .explain(
        errors + ignored + tail.suffix(FailureReason.tailLength), exitCode: exitCode, outOfMemory: outOfMemory
      ))
  }
}
