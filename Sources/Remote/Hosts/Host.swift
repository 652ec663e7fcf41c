/// A machine on which commands run: this one (`LocalHost`), or another one over SSH.
public protocol Host: Sendable {
  /// What messages call the machine, such as "this machine" or "web1.example.com".
  var name: String { get }

  /// The same machine for commands that mostly wait there: many of them leave room for others.
  var forWaiting: any Host { get }

  /// Runs `command` to its end and collects what it writes.
  ///
  /// A status other than 0 is a result, not an error. At the deadline and when the calling task is cancelled the
  /// program and the processes it started are ended before this returns.
  ///
  /// - Parameters:
  ///   - deadline: the longest time the command may take.
  ///   - outputLimit: the most bytes that each of standard output and standard error may have.
  /// - Throws: `HostError`; `CommandError` if the command cannot be run as written; `CancellationError`.
  func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult
}

extension Host {
  /// The machine itself, where commands do not stand in each other's way.
  public var forWaiting: any Host { self }

  /// The output limit where none is given: 16 MB.
  public static var defaultOutputLimit: Int { 16 << 20 }

  /// Runs `command` to its end with the default output limit. See `run(_:deadline:outputLimit:)`.
  public func run(_ command: Command, deadline: Duration) async throws -> CommandResult {
    try await run(command, deadline: deadline, outputLimit: Self.defaultOutputLimit)
  }

  /// Runs `command` and gives its standard output, byte for byte.
  ///
  /// - Throws: `HostError.failed` if it does not end with status 0; else as `run(_:deadline:outputLimit:)`.
  @discardableResult
  public func output(of command: Command, deadline: Duration) async throws -> [UInt8] {
    let result = try await run(command, deadline: deadline)
    guard result.exitStatus.isSuccess else {
      throw HostError.failed(
        command: command.description, host: name, status: result.exitStatus,
        lastWords: HostError.lastWords(of: result))
    }
    return result.stdout
  }

  /// Runs `command` and gives its standard output as text.
  ///
  /// - Throws: `HostError.notText` if the output is not UTF-8; else as `output(of:deadline:)`.
  public func text(of command: Command, deadline: Duration) async throws -> String {
    let bytes = try await output(of: command, deadline: deadline)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HostError.notText(command: command.description, host: name)
    }
    return text
  }
}
