import Foundation

/// A Unix socket on a host, such as Docker's, that can be used here under a path of its own.
///
/// It goes through the host's one connection, ends with it, and comes back with it under the same path.
public struct ForwardedSocket: Sendable {
  /// The path on this machine. Only our user may open it.
  public let path: String
  /// The path on the host.
  public let remotePath: String
  let connection: SSHConnection

  /// Ends the forwarding. Connections through it that are open stay until one side closes them.
  ///
  /// - Throws: `SSHError`; `HostError`; `CancellationError`.
  public func cancel() async throws {
    try await connection.cancelForward(from: path)
  }
}

extension SSHConnection {
  /// Forwards the socket at `remotePath` on the host to the new socket at `path` here.
  ///
  /// Whether the socket on the host can be opened shows when it is used: a connection is then closed at once.
  ///
  /// - Parameter path: an absolute path of at most 100 bytes in a folder of ours; a socket there is replaced.
  /// - Throws: `SSHError`; `HostError`; `CancellationError`.
  public func forward(_ remotePath: String, to path: String) async throws -> ForwardedSocket {
    for (place, limit) in [(remotePath, 107), (path, 100)] {
      guard place.hasPrefix("/"), place.utf8.count <= limit,
        !place.contains(where: { ":%$~\n\0".contains($0) })
      else {
        throw SSHError.notForwarded(
          host: name, socket: remotePath,
          reason: "\(place) is not an absolute path of at most \(limit) bytes without ':', '%', '$' and '~'")
      }
    }
    let link = try await ready()
    try await open(path, remotePath, link)
    forwards[path] = remotePath
    return ForwardedSocket(path: path, remotePath: remotePath, connection: self)
  }

  func cancelForward(from path: String) async throws {
    guard let remotePath = forwards.removeValue(forKey: path) else { return }
    defer { unlink(path) }
    let link = try await ready()
    let result = try await LocalHost().run(
      link.control("cancel", "-L", Word("\(path):\(remotePath)")), deadline: settings.patience)
    guard result.exitStatus.isSuccess else {
      throw SSHError.notForwarded(
        host: name, socket: remotePath, reason: SSHError.lastLine(of: result.repairedErrorText))
    }
  }

  /// Opens what was forwarded before the connection was lost.
  func restoreForwards(_ link: SSHLink) async {
    for (path, remotePath) in forwards {
      // One that fails is missed by whoever uses it, who hears of it there.
      try? await open(path, remotePath, link)
    }
  }

  /// Removes the sockets of a connection that is gone, so that nobody waits at them.
  func unlinkForwards() {
    for path in forwards.keys { unlink(path) }
  }

  private func open(_ path: String, _ remotePath: String, _ link: SSHLink) async throws {
    let result = try await LocalHost().run(
      link.control("forward", "-L", Word("\(path):\(remotePath)")), deadline: settings.patience)
    guard result.exitStatus.isSuccess else {
      throw SSHError.notForwarded(
        host: name, socket: remotePath, reason: SSHError.lastLine(of: result.repairedErrorText))
    }
  }
}
