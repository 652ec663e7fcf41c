import Foundation
import Subprocess
import SystemPackage

/// The process that holds the one connection to a server. All commands are sessions in it.
///
/// It carries a session of its own, the keeper, that waits on its standard input. So it ends with us: when this
/// process dies in whatever way, the input ends, the keeper ends, and `ssh` with it. There is no ControlPersist.
struct SSHMaster: Sendable {
  /// How it ended.
  struct Ending: Sendable {
    /// Whether it had been usable.
    var wasReady = false
    /// What `ssh` said, at most the last 8 KB.
    var words = ""
    /// What the login shell said in its place, at most the last 16 KB.
    var noise = ""
    /// Whether the login shell ended, and not the connection, for which the status is 255.
    var isShellsEnd = false
    /// The epoch on the host, if it is higher than ours.
    var newestEpoch: Int?
    /// Whether it was given up because it was not usable in time.
    var timedOut = false
  }

  let target: SSHTarget
  let settings: SSHConnection.Settings
  /// The path of the control socket, which must not exist.
  let control: String
  /// The known_hosts file.
  let knownHosts: String
  /// The file of the private key.
  let keyFile: String
  /// What the keeper runs.
  let keeper: RemoteScript

  /// Runs it to its end.
  ///
  /// - Parameter ready: called once, when sessions can be opened.
  /// - Throws: `SubprocessError` if `ssh` cannot be started.
  func run(ready: @escaping @Sendable () async -> Void) async throws -> Ending {
    BrokenPipes.surviveOnce()
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
    ]
    let outcome = try await Subprocess.run(
      .program(settings.program), arguments: Arguments(arguments), platformOptions: options,
      input: .inputWriter, output: .sequence, error: .sequence
    ) { process in
      let state = KeeperState(nonce: keeper.nonce)
      await withTaskGroup(of: Bool.self) { group in
        group.addTask {
          _ = try? await process.standardInputWriter.write(keeper.bytes)
          return false
        }
        group.addTask {
          await follow(process.standardOutput, state, ready: ready)
          return true
        }
        group.addTask {
          await state.collect(process.standardError)
          return true
        }
        group.addTask {
          guard (try? await Task.sleep(for: settings.connectTimeout + .seconds(5))) != nil else {
            return false
          }
          if await state.giveUp() { try? process.send(signal: .kill) }
          return false
        }
        var open = 2
        while open > 0, let ended = await group.next() {
          if ended { open -= 1 }
        }
        group.cancelAll()
      }
      return await state.ending
    }
    var ending = outcome.closureResult
    if case .exited(let code) = outcome.terminationStatus { ending.isShellsEnd = code != 255 }
    return ending
  }

  private func follow(
    _ output: SubprocessOutputSequence, _ state: KeeperState, ready: @Sendable () async -> Void
  ) async {
    do {
      for try await buffer in output {
        if await state.take(buffer.withUnsafeBytes { Array($0) }) { await ready() }
      }
    } catch {
      // As if it had ended here.
    }
  }

  /// Nothing of the user's or the machine's configuration, agent or known hosts has a say.
  var arguments: [String] {
    let options = [
      "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=\"\(knownHosts)\"",
      "GlobalKnownHostsFile=/dev/null", "HostKeyAlias=\(HostKey.alias)", "CheckHostIP=no",
      "UpdateHostKeys=no",
      "VerifyHostKeyDNS=no", "IdentitiesOnly=yes", "IdentityAgent=none", "PreferredAuthentications=publickey",
      "NumberOfPasswordPrompts=0", "ConnectionAttempts=1", "LogLevel=ERROR",
      "ConnectTimeout=\(max(1, settings.connectTimeout.components.seconds))",
      "ServerAliveInterval=\(max(1, settings.aliveInterval.components.seconds))",
      "ServerAliveCountMax=\(settings.aliveCount)", "ControlMaster=yes", "ControlPersist=no",
      "StreamLocalBindUnlink=yes", "StreamLocalBindMask=0177",
    ]
    return ["-F", "none", "-T", "-S", control, "-i", keyFile, "-l", target.user, "-p", String(target.port)]
      + options.flatMap { ["-o", $0] } + ["--", target.destination, keeper.starter]
  }
}

/// What the keeper and `ssh` have said.
private actor KeeperState {
  private(set) var ending = SSHMaster.Ending()
  private let nonce: String
  private var output: [UInt8] = []

  init(nonce: String) {
    self.nonce = nonce
  }

  /// Takes output of the keeper.
  ///
  /// - Returns: `true` when it is the one that says that the connection is usable.
  func take(_ bytes: [UInt8]) -> Bool {
    guard !ending.wasReady else { return false }
    output = (output + bytes).suffix(16384)
    let text = String(decoding: output, as: UTF8.self)
    ending.noise = text
    guard let mark = text.range(of: "\(nonce) "), let end = text[mark.upperBound...].firstIndex(of: "\n")
    else {
      return false
    }
    let words = text[mark.upperBound..<end].split(separator: " ")
    if words.first == "ready" {
      ending.wasReady = true
    } else if words.first == "stale", let newest = words.last.flatMap({ Int($0) }) {
      ending.newestEpoch = newest
    }
    return ending.wasReady
  }

  /// Takes what `ssh` says, to its end.
  func collect(_ errors: SubprocessOutputSequence) async {
    do {
      for try await buffer in errors {
        ending.words = String(
          (ending.words + buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }).suffix(8192))
      }
    } catch {
      // As if it had ended here.
    }
  }

  /// Notes that the time is over, unless it is usable.
  ///
  /// - Returns: whether it is to be ended.
  func giveUp() -> Bool {
    ending.timedOut = !ending.wasReady
    return ending.timedOut
  }
}
