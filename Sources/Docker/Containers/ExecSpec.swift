import Remote

/// A program to run in a container that runs already.
public struct ExecSpec: Sendable, Hashable {
  /// The program and its arguments; no shell reads them.
  public var command: [Word]
  /// Variables added to the container's environment.
  public var environment: [String: Word]
  /// The user, and after a colon the group; `nil` takes the container's.
  public var user: String?
  /// The working folder; `nil` takes the container's.
  public var workingDirectory: String?

  /// A program of these parts.
  public init(
    _ command: [Word], environment: [String: Word] = [:], user: String? = nil, workingDirectory: String? = nil
  ) {
    self.command = command
    self.environment = environment
    self.user = user
    self.workingDirectory = workingDirectory
  }

  /// The body of `POST /containers/{id}/exec`.
  func json(hasInput: Bool) throws(DockerError) -> JSONValue {
    .members([
      "Cmd": try command.json(), "Env": environment.isEmpty ? nil : try environment.json(),
      "User": user.map { .string($0) }, "WorkingDir": workingDirectory.map { .string($0) },
      "AttachStdin": .bool(hasInput), "AttachStdout": true, "AttachStderr": true, "Tty": false,
    ])
  }
}

/// What a program in a container left.
public struct ExecResult: Sendable, Hashable {
  /// The status it ended with. 126 and 127 mean that it could not be started; stdout then says why.
  public var exitCode: Int
  /// What it wrote to standard output, byte for byte.
  public var stdout: [UInt8]
  /// What it wrote to standard error, byte for byte.
  public var stderr: [UInt8]

  /// Whether it ended with status 0.
  public var isSuccess: Bool { exitCode == 0 }
  /// Standard output as text, or `nil` if it is not UTF-8.
  public var text: String? { String(validating: stdout, as: UTF8.self) }
  /// Standard error, or if that is empty standard output, for people: bytes that are not UTF-8 show as U+FFFD.
  public var lastWords: String {
    String(decoding: (stderr.isEmpty ? stdout : stderr).suffix(2000), as: UTF8.self)
  }
}

/// Something that a program in a container did.
public enum ExecEvent: Sendable, Hashable {
  /// It wrote a line.
  case line(LogLine)
  /// It ended with this status. Always the last event.
  case exited(Int)
}
