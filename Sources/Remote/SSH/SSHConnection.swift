import Foundation
import Subprocess

/// The connection to one server: one supervised `ssh` process, made when it is first needed, made anew when it is
/// lost, until `close()`.
///
/// At most `Settings.sessions` commands run in it at a time, in the order in which they asked. Forwarded sockets
/// belong to it: they end with it and come back with it.
public actor SSHConnection {
  /// How a connection is kept.
  public struct Settings: Sendable {
    /// How many commands may run at a time. sshd allows ten sessions in a connection (`MaxSessions`), of which
    /// one is the connection's own.
    public var sessions = 8
    /// How long connecting may take.
    public var connectTimeout: Duration = .seconds(15)
    /// After how much silence the host is asked whether it is there (`ServerAliveInterval`, whole seconds).
    public var aliveInterval: Duration = .seconds(15)
    /// After how many unanswered questions the connection is given up (`ServerAliveCountMax`).
    public var aliveCount = 3
    /// How long the host may take to confirm that a command was ended.
    public var patience: Duration = .seconds(8)
    /// The pause before the second try to connect; it doubles up to `longestPause`.
    public var firstPause: Duration = .milliseconds(500)
    /// The longest pause between two tries, and the pause after a refusal that time does not mend.
    public var longestPause: Duration = .seconds(60)
    /// The client: a name in `PATH` or a path.
    public var program = "ssh"

    /// The settings for real servers.
    public init() {}
  }

  /// Where it leads.
  public nonisolated let target: SSHTarget
  /// What messages call the host.
  public nonisolated let name: String
  nonisolated let settings: Settings
  nonisolated let slots: SessionSlots
  /// For commands that mostly wait: so few that others always find a session.
  nonisolated let waitingSlots: SessionSlots
  private let key: SSHKey
  private let hostKeys: [HostKey]
  private let parent: String
  private let owner: FenceOwner?
  private let routing: Routing?

  /// Finds out where a connection to a target goes; what it throws ends the try to connect.
  public typealias Routing = @Sendable (SSHTarget) async throws(SSHError) -> SSHTarget

  private enum Phase {
    case idle
    case connecting
    case ready(SSHLink)
    /// A command was not answered; whether the connection is usable is being looked at.
    case doubted(SSHLink)
    /// Until the next try; with the error of the last one, unless that one had been usable.
    case resting(SSHError?, since: ContinuousClock.Instant)
    /// For good.
    case ended(SSHError)
  }

  private var phase = Phase.idle
  private var folder: String?
  private var lastNumber = 0
  private var supervisor: Task<Void, Never>?
  private var master: Task<SSHMaster.Ending, any Error>?
  private var pause: Task<Void, Never>?
  private var waiting: [Int: CheckedContinuation<SSHLink, any Error>] = [:]
  private var lastWaiter = 0
  var forwards: [String: String] = [:]

  /// A connection that is not made yet.
  ///
  /// - Parameters:
  ///   - hostKeys: the keys of the host as a person has confirmed them. With none, nothing can be reached.
  ///   - folder: where a private folder for its socket, its known hosts and, while it connects, its key is made.
  ///     At most 60 bytes, since a socket's path may have no more than 107.
  ///   - name: what messages call the host, if not its address.
  ///   - owner: under which epoch the connection is made; it is refused where the host knows a higher one.
  ///   - routing: asked before each try to connect; nil leaves it to `ssh` where the address leads.
  public init(
    to target: SSHTarget, key: SSHKey, hostKeys: [HostKey], folder: String, name: String? = nil,
    settings: Settings = Settings(), owner: FenceOwner? = nil, routing: Routing? = nil
  ) {
    self.target = target
    self.name = name ?? target.name
    self.key = key
    self.hostKeys = hostKeys
    self.parent = folder
    self.settings = settings
    self.owner = owner
    self.routing = routing
    slots = SessionSlots(settings.sessions)
    waitingSlots = SessionSlots(max(1, settings.sessions / 2))
  }

  /// Makes the connection unless it is there.
  ///
  /// - Throws: `SSHError`; `CancellationError`.
  public func connect() async throws {
    _ = try await ready()
  }

  /// Ends the connection for good, and with it every command in it. Returns when its process is gone.
  public func close() async {
    finish(.closed(host: name))
    supervisor?.cancel()
    await supervisor?.value
  }

  /// The way to the master, once there is one.
  ///
  /// - Throws: `SSHError` if the try that is under way, or was made within the last second, failed.
  func ready() async throws -> SSHLink {
    switch phase {
    case .ready(let link): return link
    case .ended(let error): throw error
    case .resting(let error, let since):
      // Many at once are one try: hosts lock out who knocks too often.
      if let error, ContinuousClock.now - since < min(.seconds(1), settings.firstPause) { throw error }
      pause?.cancel()
    case .connecting, .doubted: break
    case .idle:
      phase = .connecting
      supervisor = Task { await supervise() }
    }
    try Task.checkCancellation()
    lastWaiter += 1
    let id = lastWaiter
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(throwing: CancellationError())
        } else {
          waiting[id] = continuation
        }
      }
    } onCancel: {
      Task { await self.stopWaiting(id) }
    }
  }

  /// Has a master that does not answer replaced. Looks first: others may use it well. New commands wait for that.
  func doubt(_ link: SSHLink) async {
    guard case .ready(link) = phase else { return }
    phase = .doubted(link)
    let answer = try? await LocalHost(grace: .zero).run(
      link.command("exec /bin/sh -c :"), deadline: settings.patience)
    guard case .doubted(link) = phase else { return }
    if answer?.exitStatus == .exited(0) {
      phase = .ready(link)
      answerWaiting(.success(link))
    } else {
      master?.cancel()
    }
  }

  private func stopWaiting(_ id: Int) {
    waiting.removeValue(forKey: id)?.resume(throwing: CancellationError())
  }

  private func answerWaiting(_ result: Result<SSHLink, SSHError>) {
    let all = waiting.sorted { $0.key < $1.key }
    waiting = [:]
    for (_, continuation) in all {
      continuation.resume(with: result.mapError { $0 as any Error })
    }
  }

  private func finish(_ error: SSHError) {
    if case .ended = phase { return }
    phase = .ended(error)
    answerWaiting(.failure(error))
  }

  private var isEnded: Bool {
    if case .ended = phase { true } else { false }
  }
}

// MARK: - Supervision

extension SSHConnection {
  private func supervise() async {
    var failures = 0
    while !isEnded, !Task.isCancelled {
      phase = .connecting
      let started = ContinuousClock.now
      let (error, wasReady) = await runMaster()
      unlinkForwards()
      if isEnded { break }
      // One that fell at once although it had been usable must not be made again without a pause.
      failures = wasReady && ContinuousClock.now - started > settings.longestPause ? 0 : failures + 1
      if case .staleEpoch = error {
        finish(error)
        break
      }
      phase = .resting(wasReady ? nil : error, since: .now)
      // Who waits for a connection that had been usable waits for the next one.
      if !wasReady { answerWaiting(.failure(error)) }
      if waiting.isEmpty || failures > 1 { await rest(after: failures, error, wasReady: wasReady) }
    }
    if let folder { PrivateFolder.remove(folder) }
    folder = nil
  }

  private func rest(after failures: Int, _ error: SSHError, wasReady: Bool) async {
    var length = settings.longestPause
    if error.isTransient || wasReady {
      length = min(length, settings.firstPause * (1 << min(failures - 1, 10)))
    }
    // Whoever needs the connection ends the pause.
    let pause = Task<Void, Never> {
      do { try await Task.sleep(for: length) } catch {}
    }
    self.pause = pause
    await withTaskCancellationHandler {
      await pause.value
    } onCancel: {
      pause.cancel()
    }
  }

  /// Runs a master from its start to its end, and tells why it ended.
  private func runMaster() async -> (SSHError, wasReady: Bool) {
    do {
      let master = try newMaster(to: try await routing?(target) ?? target)
      defer { unlink(master.keyFile) }
      let task = Task {
        try await master.run {
          [link = SSHLink(program: settings.program, address: target.address, control: master.control)] in
          await self.opened(link, keyFile: master.keyFile)
        }
      }
      self.master = task
      let ending = try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
      return (meaning(of: ending), ending.wasReady)
    } catch let error as SSHError {
      return (error, false)
    } catch let error as SubprocessError where error.code == .executableNotFound {
      return (.clientMissing(program: settings.program), false)
    } catch {
      return (.other(host: name, words: "\(settings.program) could not be run: \(error)"), false)
    }
  }

  private func meaning(of ending: SSHMaster.Ending) -> SSHError {
    if let newest = ending.newestEpoch {
      return .staleEpoch(host: name, epoch: owner?.epoch ?? 0, newest: newest)
    }
    if ending.timedOut { return .connectTimedOut(host: name, after: settings.connectTimeout) }
    if !ending.wasReady, ending.isShellsEnd {
      let words = (ending.noise + "\n" + ending.words).trimmingCharacters(in: .whitespacesAndNewlines)
      return .shellUnusable(host: name, words: words.isEmpty ? "" : SSHError.lastLine(of: words))
    }
    guard ending.wasReady else {
      return SSHError.classify(
        ending.words, host: name, user: target.user, pinned: hostKeys, after: settings.connectTimeout)
    }
    return .lost(host: name, command: nil, reason: SSHError.lastLine(of: ending.words))
  }

  private func newMaster(to target: SSHTarget) throws(SSHError) -> SSHMaster {
    guard !hostKeys.isEmpty else { throw .hostKeyUnknown(host: name) }
    // Behind it come a process number, a random name, a number, and the 17 bytes of the name that ssh binds first.
    guard parent.utf8.count <= 60 else { throw .folderTooLong(parent) }
    // ssh expands these in paths.
    guard parent.hasPrefix("/"), !parent.contains(where: { #"%$~"\"#.contains($0) || $0.isNewline })
    else {
      throw .localFolder(
        path: parent, reason: "it must be absolute and have no %, $, ~, quote or backslash in it")
    }
    let folder = try privateFolder()
    lastNumber += 1
    try PrivateFolder.write(HostKey.knownHosts(hostKeys), to: "\(folder)/hosts")
    try PrivateFolder.write(key.privateKey.reveal(), to: "\(folder)/key")
    let nonce = RemoteScript.newNonce()
    return SSHMaster(
      target: target, settings: settings, control: "\(folder)/\(lastNumber)", knownHosts: "\(folder)/hosts",
      keyFile: "\(folder)/key", keeper: .keeper(nonce: nonce, owner: owner))
  }

  private func privateFolder() throws(SSHError) -> String {
    if let folder { return folder }
    let new = try PrivateFolder.make(in: parent)
    folder = new
    return new
  }

  private func opened(_ link: SSHLink, keyFile: String) async {
    unlink(keyFile)
    await restoreForwards(link)
    guard !isEnded else { return }
    phase = .ready(link)
    answerWaiting(.success(link))
  }
}
