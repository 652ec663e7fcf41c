/// A host on which every command runs under an epoch. See `Fence`.
public struct FencedHost: Host {
  /// The host itself.
  public let base: any Host
  /// Where its epoch is.
  public let fence: Fence
  /// Under which epoch commands run.
  public let epoch: Int

  /// What messages call the machine.
  public var name: String { base.name }

  /// The same host and epoch, for commands that mostly wait.
  public var forWaiting: any Host { FencedHost(base: base.forWaiting, fence: fence, epoch: epoch) }

  /// Runs `command` unless the host's epoch is higher, in which case nothing is run.
  ///
  /// - Throws: `HostError.staleEpoch`; else as the host itself.
  public func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    try command.validate()
    let nonce = RemoteScript.newNonce()
    let fenced = FenceScript.running(command, under: epoch, in: fence.folder, nonce: nonce)
    var result = try await base.run(fenced, deadline: deadline, outputLimit: outputLimit)
    if result.exitStatus == .exited(FenceScript.refusal), let note = refusal(in: result.stderr, nonce) {
      switch note.first {
      case "stale":
        throw HostError.staleEpoch(host: name, epoch: epoch, newest: note.last.flatMap { Int($0) } ?? epoch)
      case "program": throw HostError.programMissing(program: command.program, host: name)
      default:
        throw HostError.failed(
          command: "the look at the epoch in \(fence.folder)", host: name, status: result.exitStatus,
          lastWords: note.joined(separator: " "))
      }
    }
    // A shell stands between, for which a signal is a status.
    if case .exited(let status) = result.exitStatus { result.exitStatus = ExitStatus(shell: status) }
    return result
  }

  private func refusal(in errors: [UInt8], _ nonce: String) -> [Substring]? {
    let words = String(decoding: errors.suffix(200), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard let start = words.lastIndex(where: { $0 == nonce }) else { return nil }
    return Array(words[(start + 1)...])
  }
}
