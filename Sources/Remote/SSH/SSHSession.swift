import Foundation
import Subprocess
import SystemPackage

/// One command in one session of a connection: a run of `ssh` that talks to the connection's master.
struct SSHSession: Sendable {
  /// How a session ended.
  enum Outcome: Sendable {
    /// The command ended by itself.
    case finished(CommandResult)
    /// It was ended, and the host said so.
    case stopped(SSHExchange.Stop)
    /// It was to be ended, and the host did not say that it has.
    case notConfirmed
    /// The session was not opened: the command did not start. With the words of `ssh`.
    case notStarted(String)
    /// The session ended before the command did.
    case cutOff(String)
    /// The login shell ended without running the command.
    case shellUnusable(String)
    /// The program is not there.
    case programMissing
    /// The folder is not there.
    case folderMissing
  }

  let link: SSHLink
  let script: RemoteScript
  let limit: Int
  /// How long the host may take to confirm an end.
  let patience: Duration

  /// Runs the command until it has ended, or has been ended because of what comes from `stops`.
  func run(
    until deadline: ContinuousClock.Instant, stops: AsyncStream<SSHExchange.Stop>
  ) async throws -> Outcome {
    BrokenPipes.surviveOnce()
    let exchange = SSHExchange(nonce: script.nonce, limit: limit)
    var options = PlatformOptions()
    options.createSession = true
    let outcome = try await Subprocess.run(
      .program(link.program), arguments: Arguments(link.arguments + ["--", link.address, script.starter]),
      platformOptions: options, input: .inputWriter, output: .sequence, error: .sequence
    ) { process in
      await exchanging(with: process, exchange, until: deadline, stops: stops)
      // Nothing that matters is left of it: it may be held by programs that the command left behind.
      try? process.send(signal: .kill)
    }
    return await self.outcome(of: exchange, status: outcome.terminationStatus)
  }

  private typealias Process = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  private enum Part { case output, other, givenUp }

  private func exchanging(
    with process: Process, _ exchange: SSHExchange, until deadline: ContinuousClock.Instant,
    stops: AsyncStream<SSHExchange.Stop>
  ) async {
    let (overflow, overflows) = AsyncStream.makeStream(of: Void.self)
    await withTaskGroup(of: Part.self) { group in
      group.addTask {
        await send(to: process, exchange)
        return .other
      }
      group.addTask {
        await collect(process.standardOutput, exchange, isError: false, overflows)
        return .output
      }
      group.addTask {
        await collect(process.standardError, exchange, isError: true, overflows)
        return .output
      }
      group.addTask {
        guard let reason = await firstReason(deadline: deadline, stops: stops, overflow: overflow) else {
          return .other
        }
        await exchange.note(reason)
        await end(process, exchange)
        // The master holds the other ends of the outputs; one that hangs must not hold us.
        return (try? await Task.sleep(for: .seconds(1))) == nil ? .other : .givenUp
      }
      var open = 2
      while open > 0, let part = await group.next() {
        switch part {
        case .output: open -= 1
        case .givenUp: open = 0
        case .other: break
        }
      }
      group.cancelAll()
      // A write that nobody reads any more would wait for ever.
      try? process.send(signal: .kill)
    }
  }

  private func send(to process: Process, _ exchange: SSHExchange) async {
    do {
      _ = try await process.standardInputWriter.write(script.bytes + script.input)
      await exchange.sentInput()
    } catch {
      // The reader is gone: how the session ended tells why.
    }
  }

  private func collect(
    _ output: SubprocessOutputSequence, _ exchange: SSHExchange, isError: Bool,
    _ overflows: AsyncStream<Void>.Continuation
  ) async {
    do {
      for try await buffer in output {
        let state = await exchange.take(buffer.withUnsafeBytes { Array($0) }, isError: isError)
        if state.isOverLimit { overflows.yield() }
        if state.isComplete { return }
      }
    } catch {
      // As if it had ended here; the marks tell whether it had.
    }
  }

  private func firstReason(
    deadline: ContinuousClock.Instant, stops: AsyncStream<SSHExchange.Stop>, overflow: AsyncStream<Void>
  ) async -> SSHExchange.Stop? {
    await withTaskGroup(of: SSHExchange.Stop?.self) { group in
      group.addTask {
        do {
          try await Task.sleep(until: deadline, clock: .continuous)
          return .deadline
        } catch {
          return nil
        }
      }
      group.addTask {
        for await stop in stops { return stop }
        return nil
      }
      group.addTask {
        for await _ in overflow { return .overLimit }
        return nil
      }
      let reason = await group.next() ?? nil
      group.cancelAll()
      return reason
    }
  }

  /// Has the command ended on the host: by the end of its input, else by a second session. Then ends `ssh`.
  private func end(_ process: Process, _ exchange: SSHExchange) async {
    do {
      if await exchange.inputIsSent {
        try await process.standardInputWriter.finish()
        // Cancelled as soon as both outputs have their end.
        try await Task.sleep(for: patience)
      }
      // In a task of its own: the script's end must not stop it before all the others have ended.
      await exchange.noteKill()
      let killing = Task {
        guard let leader = try await leader(of: exchange) else { return false }
        return try await killed(leader)
      }
      if try await killing.value { await exchange.confirmGone() }
    } catch {
      // Cancelled, or the second session failed: the exchange tells whether anything was confirmed.
    }
    try? process.send(signal: .kill)
  }

  private func leader(of exchange: SSHExchange) async throws -> Int? {
    try await withDeadline(patience) {
      for await leader in exchange.leaders { return leader }
      return nil
    }
  }

  /// Ends the session that `leader` leads, the script itself included.
  private func killed(_ leader: Int) async throws -> Bool {
    let script = RemoteScript(
      nonce: self.script.nonce, text: "\(RemoteScript.members)odeum_end \(leader) 0 0 0 0\necho gone\n")
    let result = try await LocalHost().run(
      link.command(script.starter, input: script.bytes), deadline: patience)
    return result.exitStatus.isSuccess && result.repairedText.hasSuffix("gone\n")
  }
}

extension SSHSession {
  private func outcome(of exchange: SSHExchange, status: TerminationStatus) async -> Outcome {
    var errors = await exchange.errors
    let output = await exchange.output
    let wasEnded = errors.take("ended", nonce: script.nonce)
    let isOverLimit = errors.isOverLimit || output.isOverLimit
    let reason = isOverLimit ? .overLimit : await exchange.stop
    let isGone = await exchange.isConfirmedGone
    if await exchange.isKilled, !isGone, !wasEnded { return .notConfirmed }
    if let shellStatus = errors.status, output.status != nil {
      if let reason, wasEnded || reason != .deadline { return .stopped(reason) }
      if errors.take("program", nonce: script.nonce) { return .programMissing }
      if errors.take("folder", nonce: script.nonce) { return .folderMissing }
      return .finished(
        CommandResult(
          exitStatus: ExitStatus(shell: shellStatus), stdout: output.bytes, stderr: errors.bytes))
    }
    if let reason { return isGone ? .stopped(reason) : .notConfirmed }
    let words = String(decoding: errors.before + errors.bytes, as: UTF8.self)
    if await exchange.leader == nil {
      if Self.neverOpened(words) { return .notStarted(words) }
      if case .exited(let code) = status, code != 255 { return .shellUnusable(words) }
    }
    return .cutOff(words)
  }

  /// Whether `ssh` says that it got no session. It then tries a connection of its own, which the link's options
  /// make fail; where it had asked for the session and heard no more, the command may have run.
  private static func neverOpened(_ words: String) -> Bool {
    let triedAlone = ["kex_exchange_identification", "Connection closed by UNKNOWN", SSHLink.noMaster]
      .contains {
        words.contains($0)
      }
    return triedAlone && !words.contains("read from master failed")
  }
}

extension ExitStatus {
  /// The status of a program as a shell has it: 128 and the number of the signal that ended it. A program that
  /// ends by itself with such a status cannot be told apart.
  init(shell status: Int) {
    self = (129...192).contains(status) ? .signalled(status - 128) : .exited(status)
  }
}
