import FoundationEssentials
import Glibc

/// The folder of a private cluster: what is in it, who owns it, and that only one process works with it.
///
/// ```
/// lock              held by the process that owns the cluster
/// data              PostgreSQL's files, made aside as data.new
/// socket            the Unix socket, unless its path would be too long
/// postgresql.conf   written at every start, as pg_hba.conf and pg_ident.conf are
/// server.log        what the server says; server.log.1 is the one before
/// ```
struct ClusterFolder: Sendable {
  let path: String
  let user: ServerUser

  var data: String { Self.data(in: path) }
  var log: String { "\(path)/server.log" }
  var settings: String { "\(path)/postgresql.conf" }

  /// Makes the folder if needed. Throws `ClusterError`.
  init(_ path: String, user: ServerUser) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ClusterError.file(path: path, reason: "the folder cannot be made: \(error)")
    }
    guard let real = realpath(path, nil) else { throw ClusterError.system(path) }
    defer { free(real) }
    self.path = String(cString: real)
    self.user = user
    // Passing through is enough for the server's user; what is inside has an owner and a mode of its own.
    guard chmod(self.path, user.isOther ? 0o711 : 0o700) == 0 else { throw ClusterError.system(self.path) }
    try user.checkCanReach(self.path)
  }

  static func data(in path: String) -> String { "\(path)/data" }

  /// Takes the folder for this process until the file is closed, which the end of the process does in any case.
  func lock() throws -> FolderLock { try FolderLock("\(path)/lock", folder: path) }

  /// The folder of the socket. A socket's path may have 107 bytes (`sun_path` in unix(7)), so a deep folder gets
  /// one in `/tmp`, named after the place it belongs to.
  var socket: String {
    let inside = "\(path)/socket"
    if inside.utf8.count + "/.s.PGSQL.5432.lock".utf8.count <= 107 { return inside }
    let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return "/tmp/odeum-\(String(hash, radix: 36))"
  }

  /// Makes the socket's folder. One in `/tmp` that someone else made first is refused.
  func makeSocketFolder() throws {
    var status = stat()
    if lstat(socket, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user.uid || status.st_uid == geteuid() else {
        throw ClusterError.file(path: socket, reason: "is not a folder of ours: remove it")
      }
    }
    try user.makePrivateFolder(socket)
  }

  /// Writes the files that say how to run and who may connect.
  ///
  /// Only the process's own user may, as the database user `odeum` (peer authentication), and nobody by network.
  func writeSettings(_ settings: [String: String]) throws {
    let lines = settings.sorted { $0.key < $1.key }.map { "\($0.key) = '\(Self.quoted($0.value))'" }
    try write(lines, to: self.settings)
    try write(["local all \(PrivateCluster.role) peer map=odeum"], to: "\(path)/pg_hba.conf")
    let me = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? user.name
    try write(
      Set([me, user.name]).sorted().map { "odeum \"\($0)\" \(PrivateCluster.role)" },
      to: "\(path)/pg_ident.conf")
  }

  /// Opens the log for appending; a large one is put aside first.
  func openLog() throws -> Int32 {
    var status = stat()
    if stat(log, &status) == 0, status.st_size > 5_000_000 { rename(log, "\(log).1") }
    let file = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw ClusterError.system(log) }
    return file
  }

  /// The last lines of the log, for an error message.
  func endOfLog(lines: Int = 8) -> String {
    let file = open(log, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    let size = lseek(file, 0, SEEK_END)
    var text = [UInt8](repeating: 0, count: min(size, 4_000))
    let count = pread(file, &text, text.count, size - text.count)
    return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
      .split(separator: "\n").suffix(lines).joined(separator: " / ")
  }

  /// Removes the socket's folder when it is not inside the cluster's.
  func removeOutsideSocket() {
    if !socket.hasPrefix(path + "/") { rmdir(socket) }
  }

  private func write(_ lines: [String], to path: String) throws {
    do {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw ClusterError.file(path: path, reason: "cannot be written: \(error)")
    }
    guard chmod(path, 0o644) == 0 else { throw ClusterError.system(path) }
  }

  private static func quoted(_ value: String) -> String {
    value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
  }
}
