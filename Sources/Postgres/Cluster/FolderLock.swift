import FoundationEssentials
import Glibc

/// A file that one process at a time can hold. It is let go when this value goes, or the process ends.
final class FolderLock: Sendable {
  private let file: Int32

  /// Throws `ClusterError.inUse` with the number of the process that holds it.
  init(_ path: String, folder: String) throws {
    // Kept only in the end: a value that is complete is closed by `deinit`, also where `init` throws.
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw ClusterError.system(path) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let holder = try? String(contentsOfFile: path, encoding: .utf8)
      close(file)
      throw ClusterError.inUse(folder: folder, pid: holder.flatMap { Int($0) })
    }
    ftruncate(file, 0)
    let pid = Array("\(getpid())".utf8)
    _ = Glibc.write(file, pid, pid.count)
    self.file = file
  }

  deinit {
    // A child that is just being started holds the file, too, until it runs its program.
    flock(file, LOCK_UN)
    close(file)
  }
}
