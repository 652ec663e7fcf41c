/// A machine that is reached over SSH. Programs get their words as they are; the login shell has no say.
public struct SSHHost: Host {
  /// The connection that all commands share.
  public let connection: SSHConnection
  private let mostlyWaits: Bool

  /// The machine at the end of `connection`.
  public init(_ connection: SSHConnection) {
    self.connection = connection
    mostlyWaits = false
  }

  private init(_ connection: SSHConnection, mostlyWaits: Bool) {
    self.connection = connection
    self.mostlyWaits = mostlyWaits
  }

  /// What messages call the machine.
  public var name: String { connection.name }

  /// The same machine; commands through it leave at least half of the sessions to others.
  public var forWaiting: any Host { SSHHost(connection, mostlyWaits: true) }

  /// Runs `command` in a session of the connection, which is made if it is not there.
  ///
  /// The deadline counts from the call. A command that was certainly not started is sent again; one that may have
  /// been started is not: `HostError.connection` then holds `SSHError.lost`. A program that ends with a status from
  /// 129 to 192 is taken for one that a signal has ended, as by every shell.
  public func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    let script = try RemoteScript(running: command)
    let end = ContinuousClock.now + deadline
    do {
      try await take(end, deadline)
      do {
        let result = try await attempt(command, script, until: end, deadline, outputLimit)
        await giveBack()
        return result
      } catch {
        await giveBack()
        throw error
      }
    } catch let error as SSHError {
      throw HostError(error)
    }
  }

  private func take(_ end: ContinuousClock.Instant, _ deadline: Duration) async throws {
    do {
      if mostlyWaits { try await connection.waitingSlots.take(until: end) }
      do {
        try await connection.slots.take(until: end)
      } catch {
        if mostlyWaits { await connection.waitingSlots.giveBack() }
        throw error
      }
    } catch is DeadlineExceeded {
      throw SSHError.busy(host: name, after: deadline)
    }
  }

  private func giveBack() async {
    await connection.slots.giveBack()
    if mostlyWaits { await connection.waitingSlots.giveBack() }
  }

  private func attempt(
    _ command: Command, _ script: RemoteScript, until end: ContinuousClock.Instant, _ deadline: Duration,
    _ limit: Int
  ) async throws -> CommandResult {
    var words = ""
    for attempt in 1...5 {
      let link = try await link(until: end, deadline)
      let session = SSHSession(
        link: link, script: script, limit: limit,
        patience: connection.settings.patience)
      let outcome = try await run(session, until: end)
      switch outcome {
      case .finished(let result): return result
      case .programMissing: throw HostError.programMissing(program: command.program, host: name)
      case .folderMissing: throw HostError.folderMissing(folder: command.folder ?? ".", host: name)
      case .stopped(.cancelled): throw CancellationError()
      case .stopped(.deadline):
        throw HostError.timedOut(command: command.description, host: name, after: deadline)
      case .stopped(.overLimit):
        throw HostError.tooMuchOutput(command: command.description, host: name, limit: limit)
      case .notConfirmed:
        Task { await connection.doubt(link) }
        throw SSHError.endNotConfirmed(
          command: command.description, host: name, after: connection.settings.patience)
      case .cutOff(let words):
        throw SSHError.lost(
          host: name, command: command.description, reason: SSHError.lastLine(of: words))
      case .shellUnusable(let words):
        throw SSHError.shellUnusable(host: name, words: SSHError.lastLine(of: words))
      case .notStarted(let told):
        words = told
        await connection.doubt(link)
        // sshd frees a session a moment after its command has ended.
        try await Task.sleep(for: .milliseconds(50 * attempt))
      }
    }
    if words.contains("refused by peer") { throw SSHError.busy(host: name, after: deadline - (end - .now)) }
    throw SSHError.lost(host: name, command: nil, reason: SSHError.lastLine(of: words))
  }

  private func link(until end: ContinuousClock.Instant, _ deadline: Duration) async throws -> SSHLink {
    do {
      return try await withDeadline(end - .now) { try await connection.ready() }
    } catch is DeadlineExceeded {
      throw SSHError.connectTimedOut(host: name, after: deadline)
    }
  }

  /// In a task of its own: when ours is cancelled, the command must first be ended on the host.
  private func run(_ session: SSHSession, until end: ContinuousClock.Instant) async throws
    -> SSHSession.Outcome
  {
    let (stops, stop) = AsyncStream.makeStream(of: SSHExchange.Stop.self)
    let work = Task { try await session.run(until: end, stops: stops) }
    return try await withTaskCancellationHandler {
      try await work.value
    } onCancel: {
      stop.yield(.cancelled)
    }
  }
}
