import FoundationEssentials
import Glibc
import Logging

/// Makes the files of a new cluster with `initdb`.
struct ClusterMaker {
  let folder: ClusterFolder
  let programs: ServerPrograms
  let isDurable: Bool

  /// Makes them aside and renames the whole folder in the end, so that `data` is either complete or not there.
  func makeIfMissing(_ logger: Logger) throws {
    guard access(folder.data, F_OK) != 0 else { return }
    logger.notice("making a private PostgreSQL \(programs.version) cluster in \(folder.path)")
    let new = "\(folder.path)/data.new"
    do {
      if access(new, F_OK) == 0 { try FileManager.default.removeItem(atPath: new) }
    } catch {
      throw ClusterError.file(path: new, reason: "a half-made cluster cannot be removed: \(error)")
    }
    try folder.user.makePrivateFolder(new)
    let unsafe = isDurable ? [] : ["--no-sync"]
    let words = folder.user.words(
      [
        programs.initdb, "--pgdata", new, "--username", PrivateCluster.role, "--encoding", "UTF8",
        "--locale", "C.UTF-8", "--auth", "peer", "--data-checksums", "--no-instructions",
      ] + unsafe, signalWhenOrphaned: "KILL")
    let (status, text) = try ChildProcess.run(words)
    guard status.isSuccess else {
      throw ClusterError.failed(program: programs.initdb, reason: "\(status)", output: text)
    }
    guard rename(new, folder.data) == 0 else { throw ClusterError.system(folder.data) }
    if isDurable { try sync(folder.path) }
  }

  /// Forces the rename to the disk.
  private func sync(_ path: String) throws {
    let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw ClusterError.system(path) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw ClusterError.system(path) }
  }
}
