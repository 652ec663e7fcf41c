import Foundation
import Glibc
import Subprocess
import SystemPackage

/// The gate before a socket of this machine: a process under an epoch through which everything goes.
///
/// It is to the machine of the control plane what sshd is to a server: the process that a new owner ends, and with it
/// what the former owner has open, even where that one stands still. `Fence.raise` on this machine finds it by the note
/// that it leaves; it is refused where the machine knows a higher epoch. It ends with the process that made it, too.
public actor LocalGate {
  /// The socket that leads through the gate.
  public nonisolated let path: String
  private let owner: FenceOwner
  private let program: String
  private let target: String
  private var process: Task<Void, Never>?
  private var opening: Task<Void, any Error>?
  private var isClosed = false

  /// A gate that is not there yet.
  ///
  /// - Parameters:
  ///   - program: run as `program gate PATH TARGET`, which must come down to `SocketGate.serve`.
  ///   - path: the socket to serve; in a folder of our own.
  ///   - target: the socket behind it.
  public init(owner: FenceOwner, program: String, path: String, target: String) {
    self.owner = owner
    self.program = program
    self.path = path
    self.target = target
  }

  /// Makes the gate unless it is there.
  ///
  /// - Throws: `HostError.staleEpoch` where a newer owner has come; `HostError.failed`, with the process's words.
  public func open() async throws {
    if let opening { return try await opening.value }
    if process != nil { return }
    let task = Task { try await begin() }
    opening = task
    defer { opening = nil }
    try await task.value
  }

  /// Ends the gate for good, and what goes through it.
  public func close() async {
    isClosed = true
    process?.cancel()
    await process?.value
    unlink(path)
  }

  private func begin() async throws {
    let host = LocalHost().name
    guard !isClosed else {
      throw HostError.failed(command: "The gate", host: host, status: .exited(0), lastWords: "it was closed")
    }
    let (said, says) = AsyncStream.makeStream(of: String.self)
    let words = FenceScript.gate(owner, program: [program, "gate", path, target])
    let process = Task {
      await Self.run(words, says)
      ended()
    }
    self.process = process
    let line = try await withDeadline(.seconds(30)) {
      var words = ""
      for await part in said {
        words += part
        if words.hasSuffix("\n") { break }
      }
      return words.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    if line == "ready" { return }
    process.cancel()
    await process.value
    let parts = line.split(separator: " ")
    if parts.first == "stale", let newest = parts.last.flatMap({ Int($0) }) {
      throw HostError.staleEpoch(host: host, epoch: owner.epoch, newest: newest)
    }
    throw HostError.failed(
      command: "The gate before \(target)", host: host, status: .exited(1), lastWords: line)
  }

  private func ended() { process = nil }

  /// Runs the process to its end. Its standard input stays open for as long as we are there.
  private static func run(_ words: [String], _ says: AsyncStream<String>.Continuation) async {
    defer { says.finish() }
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
    ]
    do {
      _ = try await Subprocess.run(
        .path("/bin/sh"), arguments: Arguments(words), platformOptions: options,
        input: .inputWriter, output: .sequence, error: .discarded
      ) { process in
        for try await buffer in process.standardOutput {
          says.yield(buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
      }
    } catch {
      says.yield("\(error)\n")
    }
  }
}

extension LocalGate {
  /// The number of the error that stands in the way to the socket `path` of this machine; 0 where something listens.
  /// A gate cannot tell why what is behind it does not answer.
  public static func reach(_ path: String) -> Int32 {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { return errno }
    defer { Glibc.close(probe) }
    // One that is too busy to take it at once is there.
    return SocketGate.connecting(path) { connect(probe, $0, $1) } == 0 || errno == EAGAIN ? 0 : errno
  }
}
