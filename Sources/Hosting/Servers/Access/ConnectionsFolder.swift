import Foundation

/// The folder of this process for the sockets of its connections to servers. What an earlier process of the same
/// number, or one that is gone, left there is removed.
struct ConnectionsFolder: Sendable {
  let path: String

  /// - Parameter parent: the folder of all processes, made unless it is there.
  /// - Throws: `HostingError` where it cannot be made.
  init(in parent: String) throws {
    path = "\(parent)/\(getpid())"
    do {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
        guard let process = Int32(name), process == getpid() || (kill(process, 0) != 0 && errno == ESRCH)
        else {
          continue
        }
        try FileManager.default.removeItem(atPath: "\(parent)/\(name)")
      }
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw HostingError(
        .unavailable,
        "The folder \(path) for connections to servers cannot be made: \(error.localizedDescription)",
        suggestion: "Give the user that runs odeumd access to it, and look at the free disk space.")
    }
  }
}
