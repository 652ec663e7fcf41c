import Foundation

/// Why a command on a host gave no usable result. Commands in it are printed ones: their secrets are redacted.
public enum HostError: Error, Hashable, Sendable {
  /// The program is not there or may not be run.
  case programMissing(program: String, host: String)
  /// The working folder is not there or may not be entered.
  case folderMissing(folder: String, host: String)
  /// The program could not be started.
  case notStarted(command: String, host: String, reason: String)
  /// The command took longer than it may, and was ended.
  case timedOut(command: String, host: String, after: Duration)
  /// The command wrote more than `limit` bytes to one of its outputs, and was ended.
  case tooMuchOutput(command: String, host: String, limit: Int)
  /// The command ended with a status other than 0. `lastWords` is the end of what it said.
  case failed(command: String, host: String, status: ExitStatus, lastWords: String)
  /// The command wrote bytes that are not UTF-8 where text was expected.
  case notText(command: String, host: String)
  /// The command wrote something other than what was expected.
  case unexpectedOutput(command: String, host: String, detail: String)
  /// The host could not be used over SSH.
  case connection(SSHError)
  /// The host belongs to a newer owner, whose epoch `newest` is higher than ours; nothing was run.
  case staleEpoch(host: String, epoch: Int, newest: Int)
  /// Commands of an older owner did not end in time. The epoch is raised: they are the last.
  case olderCommandsRun(host: String, after: Duration)
}

extension HostError: CustomStringConvertible {
  /// What happened and where.
  public var message: String {
    switch self {
    case .programMissing(let program, let host):
      "\(program) is not installed on \(host), or may not be run there."
    case .folderMissing(let folder, let host):
      "The folder \(folder) does not exist on \(host), or may not be entered."
    case .notStarted(let command, let host, let reason):
      "\(command) could not be started on \(host): \(reason)"
    case .timedOut(let command, let host, let after):
      "\(command) on \(host) did not end within \(after.formatted) and was ended."
    case .tooMuchOutput(let command, let host, let limit):
      "\(command) on \(host) wrote more than \(limit) bytes and was ended."
    case .failed(let command, let host, let status, let lastWords):
      "\(command) on \(host) ended with \(status)" + (lastWords.isEmpty ? "." : ": \(lastWords)")
    case .notText(let command, let host):
      "\(command) on \(host) wrote bytes that are not UTF-8."
    case .unexpectedOutput(let command, let host, let detail):
      "\(command) on \(host) wrote something unexpected: \(detail)"
    case .connection(let error): error.message
    case .staleEpoch(let host, let epoch, let newest):
      "\(host) belongs to a newer control plane (epoch \(newest), ours is \(epoch)); nothing was run."
    case .olderCommandsRun(let host, let after):
      "Commands of the former control plane still run on \(host) after \(after.formatted)."
    }
  }

  /// What to do about it.
  public var suggestion: String {
    switch self {
    case .programMissing(let program, let host):
      "Install \(program) on \(host), or put its folder into the PATH of the user that Odeum runs as."
    case .folderMissing(let folder, _):
      "Create \(folder), or give the user that Odeum runs as access to it."
    case .notStarted(_, let host, _):
      "Look at the memory and the number of processes on \(host), then try again."
    case .timedOut(let command, let host, _):
      "Look at the load of \(host), and run it there by hand to see what it waits for: \(command)"
    case .tooMuchOutput, .notText, .unexpectedOutput:
      "Run the command by hand to see what it writes."
    case .failed:
      "Mend what the message says, then try again."
    case .connection(let error): error.suggestion
    case .staleEpoch: "Stop this control plane, or let it take the server over again."
    case .olderCommandsRun: "Try again when they have ended; no new ones are started."
    }
  }

  /// Whether the same command may well succeed later without anybody mending anything.
  public var isTransient: Bool {
    switch self {
    case .timedOut, .notStarted, .olderCommandsRun: true
    case .connection(let error): error.isTransient
    default: false
    }
  }

  /// The message and the suggestion.
  public var description: String {
    // A message may end with a program's own words, which have no full stop.
    message + (message.hasSuffix(".") ? " " : ". ") + suggestion
  }

  /// The end of what a failed command said: standard error, or else standard output; at most 2,000 bytes.
  static func lastWords(of result: CommandResult) -> String {
    let spoken = result.stderr.isEmpty ? result.stdout : result.stderr
    return String(decoding: spoken.suffix(2000), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension HostError {
  /// The error of a host that was to be used over SSH.
  init(_ error: SSHError) {
    if case .staleEpoch(let host, let epoch, let newest) = error {
      self = .staleEpoch(host: host, epoch: epoch, newest: newest)
    } else {
      self = .connection(error)
    }
  }
}

extension Duration {
  /// The duration for people: "1.5 seconds".
  package var formatted: String {
    formatted(.units(allowed: [.minutes, .seconds, .milliseconds], width: .wide))
  }
}
