/// One run of the `odoo` program: the words after the program's name, and what goes to its standard input.
///
/// The words are values, to be passed as they are and never through a shell; none of them holds a secret.
public struct OdooRun: Hashable, Sendable {
  /// What the run does, as the step's name that a person sees.
  public var title: String
  /// The arguments after `odoo`.
  public var arguments: [String]
  /// The text for standard input; nil for none.
  public var standardInput: String?
  /// A line on standard output without which the run did not succeed; nil where log and status say it.
  public var successMarker: String?

  /// The words that end every run once it is done, keep it from serving anyone, and free it from the limits
  /// that are meant for a worker serving requests.
  static let once = [
    "--no-http", "--workers=0", "--max-cron-threads=0", "--limit-memory-soft=0", "--limit-memory-hard=0",
  ]

  /// Whether the run succeeded, going by its whole output and its status.
  public func outcome(output: String, exitCode: Int32?, outOfMemory: Bool = false) -> LogVerdict.Outcome {
    let outcome = LogVerdict(log: output).outcome(exitCode: exitCode, outOfMemory: outOfMemory)
    guard let successMarker else { return outcome }
    if case .failure = outcome { return outcome }
    let lines = output.split(whereSeparator: \.isNewline)
    if lines.contains(where: { $0.hasPrefix(successMarker) }) { return outcome }
    return .failure(
      FailureReason(
        cause: .unknown, message: "\(title) ended before it was done.",
        suggestion: "Look at the end of the log.",
        evidence: lines.last.map { String($0.prefix(500)) }))
  }
}
