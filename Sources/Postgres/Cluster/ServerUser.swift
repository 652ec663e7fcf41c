import FoundationEssentials
import Glibc

/// Who runs the server: ourselves, or the user `postgres` when we are root, as which PostgreSQL refuses to run.
struct ServerUser: Sendable {
  let name: String
  let uid: uid_t
  let gid: gid_t
  /// Whether we have to become that user.
  let isOther: Bool

  /// Throws `ClusterError.noUnprivilegedUser`.
  static func current() throws -> ServerUser {
    let uid = geteuid()
    if uid != 0 {
      guard let user = ServerUser(entry: getpwuid(uid), isOther: false) else {
        throw ClusterError.file(
          path: "/etc/passwd",
          reason: "no entry for the user with the number \(uid), which PostgreSQL needs: add one")
      }
      return user
    }
    guard let user = ServerUser(entry: getpwnam("postgres"), isOther: true) else {
      throw ClusterError.noUnprivilegedUser("there is no user 'postgres'")
    }
    guard access(Self.setpriv, X_OK) == 0 else {
      throw ClusterError.noUnprivilegedUser(
        "\(Self.setpriv), which changes the user, is missing (package util-linux)")
    }
    return user
  }

  private init?(entry: UnsafeMutablePointer<passwd>?, isOther: Bool) {
    guard let entry else { return nil }
    name = String(cString: entry.pointee.pw_name)
    (uid, gid) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    self.isOther = isOther
  }

  private static let setpriv = "/usr/bin/setpriv"

  /// A program's words so that it runs as this user, and is sent that signal when the thread that started it ends.
  func words(_ words: [String], signalWhenOrphaned signal: String) -> [String] {
    guard access(Self.setpriv, X_OK) == 0 else { return words }
    let user = isOther ? ["--reuid", "\(uid)", "--regid", "\(gid)", "--init-groups"] : []
    return [Self.setpriv] + user + ["--pdeathsig", signal, "--"] + words
  }

  /// Makes a folder that only this user may enter, or corrects an existing one.
  func makePrivateFolder(_ path: String) throws {
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw ClusterError.system(path) }
    guard chmod(path, 0o700) == 0, !isOther || chown(path, uid, gid) == 0 else {
      throw ClusterError.system(path)
    }
  }

  /// Checks that this user can enter every folder on the way. Throws `ClusterError.unreachable`.
  func checkCanReach(_ folder: String) throws {
    guard isOther else { return }
    var path = ""
    for name in folder.split(separator: "/") {
      path += "/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else { throw ClusterError.system(path) }
      let bit: mode_t = status.st_uid == uid ? 0o100 : status.st_gid == gid ? 0o010 : 0o001
      if status.st_mode & bit == 0 {
        throw ClusterError.unreachable(folder: folder, blocking: path, user: self.name)
      }
    }
  }
}
