import Glibc

/// Why the private cluster cannot run, in words for the person who installs Odeum.
public enum ClusterError: Error, Sendable, CustomStringConvertible {
  /// No server programs, or none new enough.
  case noServerPrograms(searched: [String], tooOld: [String])
  /// The data was made by another major version than those installed.
  case otherVersion(data: String, needed: Int, found: [Int])
  /// PostgreSQL does not run as root, and there is nobody else to run it.
  case noUnprivilegedUser(String)
  /// The user that runs the server cannot reach the folder.
  case unreachable(folder: String, blocking: String, user: String)
  /// Another process works with this folder.
  case inUse(folder: String, pid: Int?)
  /// A file or folder could not be made, read or removed.
  case file(path: String, reason: String)
  /// A program ended with an error; its output says why.
  case failed(program: String, reason: String, output: String)
  /// The server did not accept connections in time.
  case notReady(folder: String, seconds: Int, output: String)

  /// What happened, where, and what to do next.
  public var description: String {
    switch self {
    case .noServerPrograms(let searched, let tooOld):
      "no PostgreSQL server of version \(ServerPrograms.oldestSupported) or newer was found"
        + (tooOld.isEmpty ? "" : " (too old: \(tooOld.joined(separator: ", ")))")
        + ", searched \(searched.joined(separator: ", ")): run 'apt-get install postgresql', "
        + "or name another server in DATABASE_URL"
    case .otherVersion(let data, let needed, let found):
      "the database in \(data) was made by PostgreSQL \(needed), but only "
        + "\(found.map(String.init).joined(separator: ", ")) is installed: "
        + "run 'apt-get install postgresql-\(needed)'"
    case .noUnprivilegedUser(let reason):
      "PostgreSQL refuses to run as root, and \(reason): start Odeum as a user of its own, "
        + "or run 'apt-get install postgresql', which makes the user 'postgres'"
    case .unreachable(let folder, let blocking, let user):
      "the user '\(user)', who runs the built-in PostgreSQL, cannot enter \(blocking), which leads to \(folder): "
        + "run 'chmod o+x \(blocking)'"
        + (Self.isUsual(folder) ? "" : ", or choose a data folder elsewhere, such as \(Self.usualFolder)")
    case .inUse(let folder, let pid):
      "the database folder \(folder) is in use by another process\(pid.map { " (\($0))" } ?? ""): "
        + "stop that one first, or give this one another data folder"
    case .file(let path, let reason):
      "\(path): \(reason)"
    case .failed(let program, let reason, let output):
      "\(program) \(reason)\(output.isEmpty ? "" : "; it said: \(output)")"
    case .notReady(let folder, let seconds, let output):
      "the PostgreSQL server in \(folder) accepts no connections after \(seconds) s"
        + (output.isEmpty ? "" : "; its log ends with: \(output)")
    }
  }

  /// Where an installation has its data, unless told otherwise.
  private static let usualFolder = "/var/lib/odeum"

  private static func isUsual(_ folder: String) -> Bool {
    folder == usualFolder || folder.hasPrefix(usualFolder + "/")
  }

  /// The error that the last failed system call left behind.
  static func system(_ path: String, _ code: Int32 = errno) -> ClusterError {
    .file(path: path, reason: String(cString: strerror(code)))
  }
}
