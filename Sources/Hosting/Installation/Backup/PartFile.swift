import Foundation
import Jobs

/// A file that gets its name when it is complete: until then it is `NAME.part`, locked by whoever writes it.
final class PartFile {
  /// Where it is to be.
  let target: String
  private let part: String
  private let file: Int32
  private var isKept = false

  /// Makes `target.part`. What a killed writer left under that name is removed first.
  ///
  /// - Throws: `HostingError` where the target exists already, or no file can be made there.
  init(for target: String) throws {
    let part = target + ".part"
    var status = stat()
    // A link counts as well: where it leads to is nobody's wish.
    guard lstat(target, &status) != 0 else { throw Self.exists(target) }
    Self.removeStale(part)
    let file = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw errno == EEXIST
        ? HostingError(
          .conflict, "\(part) is in the way, or another backup is being written there.",
          suggestion: "Wait for the other one, or remove that file if there is none.")
        : Self.failure(target, errno)
    }
    // From here on it is ours, and goes when this value goes.
    self.target = target
    self.part = part
    self.file = file
    // Others see by the lock that it is no remains. Whatever the umask is, nobody else may read it.
    guard flock(file, LOCK_EX | LOCK_NB) == 0, fchmod(file, 0o600) == 0 else {
      throw Self.failure(target, errno)
    }
  }

  deinit {
    if !isKept { unlink(part) }
    close(file)
  }

  /// Removes a file that its writer left behind: a plain one that nobody holds.
  static func removeStale(_ part: String) {
    let file = open(part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      flock(file, LOCK_EX | LOCK_NB) == 0
    else { return }
    unlink(part)
  }

  /// - Throws: `HostingError` where the disk takes no more.
  func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws {
    var count = 0
    while count < bytes.count, let start = bytes.baseAddress {
      let more = pwrite(file, start + count, bytes.count - count, place + count)
      if more < 0, errno == EINTR { continue }
      guard more > 0 else { throw Self.failure(target, more == 0 ? ENOSPC : errno) }
      count += more
    }
  }

  func write(_ bytes: some Sequence<UInt8>, at place: Int) throws {
    try Array(bytes).withUnsafeBytes { try write($0, at: place) }
  }

  /// Forces what was written to the disk, calls `check` with the name that it has for now, and gives it its own.
  func keep(after check: (_ path: String) throws -> Void) throws {
    guard fsync(file) == 0 else { throw Self.failure(target, errno) }
    // So that what is checked comes from the disk.
    posix_fadvise(file, 0, 0, Int32(POSIX_FADV_DONTNEED))
    CrashPoint.reach("backup/written")
    try check(part)
    CrashPoint.reach("backup/checked")
    try giveName()
    isKept = true
    do {
      try PrivateFile.syncFolder(of: target)
    } catch {
      throw Self.failure(target, errno)
    }
  }

  /// Never over a file that somebody else made meanwhile.
  private func giveName() throws {
    if link(part, target) == 0 {
      CrashPoint.reach("backup/named")
      unlink(part)
      return
    }
    if errno == EEXIST { throw Self.exists(target) }
    // Some file systems know no second names.
    guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { throw Self.failure(target, errno) }
    var status = stat()
    guard lstat(target, &status) != 0 else { throw Self.exists(target) }
    guard rename(part, target) == 0 else { throw Self.failure(target, errno) }
  }

  private static func exists(_ target: String) -> HostingError {
    HostingError(
      .conflict, "\(target) is there already, and a backup is never written over anything.",
      suggestion: "Name another file, or a folder in which each backup gets a name of its own.")
  }

  private static func failure(_ target: String, _ code: Int32) -> HostingError {
    let folder = URL(filePath: target).deletingLastPathComponent().path(percentEncoded: false)
    if [ENOSPC, EDQUOT, EFBIG].contains(code) {
      return HostingError(
        .unavailable,
        "There is no room for the backup in \(folder). Nothing was left there, and earlier backups "
          + "are as they were.",
        suggestion: "Make room, or name another place: --to, ODEUM_BACKUP_FOLDER.")
    }
    return HostingError(
      .unavailable, "\(target) cannot be written: \(String(cString: strerror(code))).",
      suggestion: code == ENOENT
        ? "Make the folder \(folder) first."
        : "Check the folder's owner, or name another place: --to, ODEUM_BACKUP_FOLDER.")
  }
}
