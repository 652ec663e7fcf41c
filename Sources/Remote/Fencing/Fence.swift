/// The epoch of a host: the number of the control plane that owns it. It is kept on the host, so that an owner
/// that was cut off, or stopped for a while, cannot act any more once another has taken over.
///
/// A new owner raises the epoch, which ends the connections of older ones and waits for their commands to end.
/// Commands run under an epoch look at it on the host, under a lock that `raise` waits for: when `raise` has
/// returned, no command of an older epoch runs, and none will.
public struct Fence: Sendable, Hashable {
  /// The folder on the host. Users who act as one owner must all be able to write it.
  public var folder: String

  /// A fence in this folder, which is made when the epoch is first raised.
  public init(folder: String = "/var/lib/odeum") {
    self.folder = folder
  }

  /// The epoch of `host`; 0 where none was ever raised.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public func epoch(of host: any Host) async throws -> Int {
    guard let bytes = try await host.read("\(folder)/epoch", limit: 4096) else { return 0 }
    let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
    guard let epoch = Int(text), epoch >= 0 else {
      throw HostError.unexpectedOutput(
        command: "\(folder)/epoch", host: host.name, detail: "\(String(reflecting: text)) is not an epoch")
    }
    return epoch
  }

  /// Raises the epoch of `host` to `epoch`, unless it is that already; ends the SSH connections that were made
  /// under older epochs; and waits for the commands of older epochs to end.
  ///
  /// - Parameter patience: how long those commands may take.
  /// - Throws: `HostError.staleEpoch` if the host knows a higher epoch, and `HostError.olderCommandsRun` if
  ///   commands of an older one did not end in time (the epoch is raised then); `HostError`; `CancellationError`.
  public func raise(to epoch: Int, on host: any Host, patience: Duration = .seconds(30)) async throws {
    let seconds = max(1, patience.components.seconds)
    let command = FenceScript.raising(to: epoch, in: folder, patience: Int(seconds))
    let result = try await host.run(command, deadline: patience + .seconds(30))
    let words = result.repairedText.split(whereSeparator: \.isWhitespace)
    switch (result.exitStatus, words.first) {
    case (.exited(0), "raised"): return
    case (_, "stale"):
      let newest = words.last.flatMap { Int($0) } ?? epoch
      throw HostError.staleEpoch(host: host.name, epoch: epoch, newest: newest)
    case (_, "running"): throw HostError.olderCommandsRun(host: host.name, after: patience)
    default:
      throw HostError.failed(
        command: "raising the epoch", host: host.name, status: result.exitStatus,
        lastWords: HostError.lastWords(of: result))
    }
  }

  /// `host` as an owner of `epoch` may use it: every command is refused there with `HostError.staleEpoch` once
  /// the host has a newer owner.
  public func host(_ host: any Host, under epoch: Int) -> FencedHost {
    FencedHost(base: host, fence: self, epoch: epoch)
  }
}
