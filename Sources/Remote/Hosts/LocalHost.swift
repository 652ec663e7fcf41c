import Foundation
import Subprocess
import SystemPackage

/// This machine. Programs are started directly, with no shell between.
public struct LocalHost: Host {
  /// "this machine".
  public let name = "this machine"

  /// How long a program that is to end may take to do so by itself (SIGTERM) before it is killed (SIGKILL).
  public var grace: Duration

  /// This machine, with two seconds for programs that must end to clean up behind themselves.
  public init(grace: Duration = .seconds(2)) {
    self.grace = grace
  }

  /// Runs `command` in a session of its own, so that the processes it starts can be ended with it.
  public func run(
    _ command: Command, deadline: Duration, outputLimit: Int
  ) async throws -> CommandResult {
    try command.validate()
    BrokenPipes.surviveOnce()
    do {
      return try await withDeadline(deadline) {
        try await start(command, outputLimit: outputLimit)
      }
    } catch is DeadlineExceeded {
      throw HostError.timedOut(command: command.description, host: name, after: deadline)
    } catch let error as SubprocessError {
      // What a program's end does to the pipes is no news when it was us who ended it.
      try Task.checkCancellation()
      throw explained(error, of: command)
    }
  }

  private func start(_ command: Command, outputLimit: Int) async throws -> CommandResult {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)
    ]
    let outcome = try await Subprocess.run(
      .program(command.program, searching: command.environment["PATH"] == nil),
      // The library hands these bytes to C, so each word needs its end marked.
      arguments: Arguments(command.words.map { $0.reveal() + [0] }),
      environment: environment(of: command),
      workingDirectory: command.folder.map { FilePath($0) },
      platformOptions: options,
      input: .inputWriter, output: .sequence, error: .sequence
    ) { process in
      let outputs = try await exchange(with: process, input: command.input ?? [], limit: outputLimit)
      if Task.isCancelled {
        // The program has ended, but not necessarily what it started: its process group is ours until the
        // program is reaped, which is after this closure.
        try? process.send(signal: .kill, toProcessGroup: true)
      }
      return outputs
    }
    try Task.checkCancellation()
    guard let (stdout, stderr) = outcome.closureResult else {
      throw HostError.tooMuchOutput(command: command.description, host: name, limit: outputLimit)
    }
    let status: ExitStatus =
      switch outcome.terminationStatus {
      case .exited(let code): .exited(Int(code))
      case .signaled(let signal): .signalled(Int(signal))
      }
    return CommandResult(exitStatus: status, stdout: stdout, stderr: stderr)
  }

  private typealias Process = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  /// Writes the input and reads both outputs at once, since any of the three may block the program. `nil` if an
  /// output went over `limit`; the program is then ended.
  private func exchange(
    with process: Process, input: [UInt8], limit: Int
  ) async throws -> ([UInt8], [UInt8])? {
    async let writing: Void = write(input, to: process)
    async let reading = collect(process.standardOutput, of: process, limit: limit)
    async let readingErrors = collect(process.standardError, of: process, limit: limit)
    let (stdout, stderr) = try await (reading, readingErrors)
    await writing
    guard let stdout, let stderr else { return nil }
    return (stdout, stderr)
  }

  private func write(_ input: [UInt8], to process: Process) async {
    // A program need not read its input to the end, or at all; its status tells whether that mattered.
    _ = try? await process.standardInputWriter.write(input)
    try? await process.standardInputWriter.finish()
  }

  private func collect(
    _ output: SubprocessOutputSequence, of process: Process, limit: Int
  ) async throws -> [UInt8]? {
    var bytes: [UInt8] = []
    for try await buffer in output {
      guard bytes.count + buffer.count <= limit else {
        try? process.send(signal: .kill, toProcessGroup: true)
        return nil
      }
      buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  private func environment(of command: Command) -> Environment {
    guard !command.environment.isEmpty else { return .inherit }
    var variables: [[UInt8]] = []
    for (name, value) in ProcessInfo.processInfo.environment where command.environment[name] == nil {
      variables.append(Array("\(name)=\(value)".utf8) + [0])
    }
    for (name, value) in command.environment {
      variables.append(Array("\(name)=".utf8) + value.reveal() + [0])
    }
    return .custom(variables)
  }

  private func explained(_ error: SubprocessError, of command: Command) -> HostError {
    switch error.code {
    case .executableNotFound:
      .programMissing(program: command.program, host: name)
    case .failedToChangeWorkingDirectory:
      .folderMissing(folder: command.folder ?? ".", host: name)
    default:
      .notStarted(command: command.description, host: name, reason: error.description)
    }
  }
}
