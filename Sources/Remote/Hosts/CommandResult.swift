/// What a command left: how it ended, and the bytes it wrote.
public struct CommandResult: Sendable, Hashable {
  /// How the program ended.
  public var exitStatus: ExitStatus
  /// What it wrote to standard output, byte for byte.
  public var stdout: [UInt8]
  /// What it wrote to standard error, byte for byte.
  public var stderr: [UInt8]

  /// A result of these parts.
  public init(exitStatus: ExitStatus, stdout: [UInt8] = [], stderr: [UInt8] = []) {
    self.exitStatus = exitStatus
    self.stdout = stdout
    self.stderr = stderr
  }

  /// Standard output as text, or `nil` if it is not UTF-8.
  public var text: String? { String(validating: stdout, as: UTF8.self) }

  /// Standard output as text in which bytes that are not UTF-8 show as U+FFFD: for people, not for programs.
  public var repairedText: String { String(decoding: stdout, as: UTF8.self) }

  /// Standard error as text in which bytes that are not UTF-8 show as U+FFFD: for people, not for programs.
  public var repairedErrorText: String { String(decoding: stderr, as: UTF8.self) }
}

/// How a program ended.
public enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
  /// It ended by itself with this status, 0 to 255; 0 is success.
  case exited(Int)
  /// A signal of this number ended it.
  case signalled(Int)

  /// Whether it ended with status 0.
  public var isSuccess: Bool { self == .exited(0) }

  /// "exit status 1" or "signal 9".
  public var description: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let signal): "signal \(signal)"
    }
  }
}
