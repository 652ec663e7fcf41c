/// Work that runs on a host on its own, under a name, whether or not anybody is connected.
///
/// Its folder on the host holds all that is known of it: `task` (operation and epoch), `pid`, `log` (what it
/// writes, both outputs), `status` (there when it has ended), and `lock`, which the work holds as long as any of
/// its processes lives. So it can be found again after any crash of ours, and a number of a process that is used
/// again misleads nobody. It runs at most once: starting what was started is no news.
public struct DetachedTask: Sendable {
  /// Where it runs.
  public let host: any Host
  /// Its name, such as the one of a job and a step.
  public let name: String
  /// Its folder on the host.
  public let folder: String

  /// The task of this name, started or not.
  ///
  /// - Parameters:
  ///   - name: 1 to 120 letters, digits, `.`, `_` and `-`, with a letter or digit in front.
  ///   - root: the folder on the host that holds the folders of all tasks; only our user should enter it.
  /// - Throws: `DetachedTaskError.invalidName`.
  public init(
    _ name: String, on host: any Host, in root: String = "/var/lib/odeum/tasks"
  ) throws(DetachedTaskError) {
    guard Self.isName(name) else { throw .invalidName(name) }
    self.host = host
    self.name = name
    self.folder = "\(root)/\(name)"
  }

  static func isName(_ name: String) -> Bool {
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    guard let first = name.utf8.first, letters.contains(first), name.utf8.count <= 120 else { return false }
    return name.utf8.allSatisfy { letters.contains($0) || "._-".utf8.contains($0) }
  }
}

extension DetachedTask {
  /// How a task stands.
  public enum State: Sendable, Hashable {
    /// It was never started.
    case absent
    /// It runs.
    case running
    /// It has ended by itself.
    case ended(ExitStatus)
    /// It was ended, or prevented from starting, by `kill()`.
    case killed
    /// It was started, does not run, and left no status: the host was restarted or somebody killed all of it.
    case lost
  }

  /// For whom a task works.
  public struct Origin: Sendable, Hashable {
    /// The operation.
    public var operation: String
    /// The epoch of the control plane that started it; 0 without fencing.
    public var epoch: Int

    /// An origin of these values; the operation is one line.
    public init(operation: String, epoch: Int = 0) {
      self.operation = operation
      self.epoch = epoch
    }
  }
}

/// A task that cannot be, whatever the host says.
public enum DetachedTaskError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name could leave the folder or hide in it.
  case invalidName(String)
  /// The host did not confirm that the task has ended.
  case notEnded(name: String, host: String)

  /// What is wrong, and what to do about it.
  public var description: String {
    switch self {
    case .invalidName(let name):
      "\(String(reflecting: name)) cannot be the name of a task. Use letters, digits, '.', '_' and '-'."
    case .notEnded(let name, let host):
      "The task \(name) on \(host) did not end although it was killed. Look for processes there that wait for a "
        + "disk or a network share."
    }
  }
}
