import Foundation
import Hosting
import Postgres

/// The folder of the control plane on this machine.
struct DataFolder: Sendable {
  let path: String

  /// The folder at `path`, made where it is missing. Other users may pass through it (the built-in PostgreSQL
  /// runs as one), not look into it.
  init(_ path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
    } catch {
      throw HostingError(
        .unavailable, "The data folder \(path) cannot be made: \(error.localizedDescription)",
        suggestion: "Make it for the user that runs odeumd, or name another one as ODEUM_DATA.")
    }
  }

  /// The folder at `path`, in which a control plane has its database. Where there is none, nothing is written.
  init(existing path: String) throws {
    guard PrivateCluster.isMade(in: Self.database(in: path)) else {
      throw HostingError(
        .notFound, "There is no control plane in \(path): it has no database there.",
        suggestion: """
          Say where its data are, before the command: ODEUM_DATA=FOLDER odeumd … Where it has a database elsewhere, name \
          that as DATABASE_URL.
          """)
    }
    try self.init(path)
  }

  /// Where the built-in PostgreSQL is.
  var database: String { Self.database(in: path) }

  private static func database(in path: String) -> String { path + "/postgres" }

  var masterKey: MasterKeyFile { MasterKeyFile(path + "/master.key") }

  /// A name that stays the same as long as the folder does.
  func identity() throws -> String {
    let file = path + "/identity"
    if let kept = try? String(contentsOfFile: file, encoding: .utf8) {
      return kept.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let made = UUID().uuidString
    try PrivateFile.write(made + "\n", to: file)
    return made
  }
}

/// The right to work with a data folder, alone or beside others, until this value goes or the process ends.
final class DataFolderLock: Sendable {
  /// Who else may work with the folder meanwhile.
  enum Use {
    /// The control plane and its commands, all at once.
    case shared
    /// Nobody else: what is changed must not be in use.
    case alone
  }

  private let file: Int32

  /// - Throws: `HostingError` where others work with the folder in a way that does not go together with this.
  convenience init(_ folder: DataFolder, _ use: Use) throws {
    guard let file = try Self.lock(folder.path + "/lock", use == .alone ? LOCK_EX : LOCK_SH) else {
      switch use {
      case .alone:
        throw HostingError(
          .conflict, "A control plane or one of its commands works with the data folder \(folder.path).",
          suggestion: "Stop it first, such as by: systemctl stop odeumd. Then try again; nothing was changed."
        )
      case .shared:
        throw HostingError(
          .conflict,
          "The control plane in \(folder.path) is being restored, or its master key changed, right now.",
          suggestion: "Wait for the end of that, then try again.")
      }
    }
    self.init(file)
  }

  /// The right to be the one process that works on operations for `folder`; nil where another process has it. Whoever
  /// gets it knows that every process that had it before is dead.
  static func worker(of folder: DataFolder) throws -> DataFolderLock? {
    try lock(folder.path + "/worker.lock", LOCK_EX).map { DataFolderLock($0) }
  }

  private init(_ file: Int32) {
    self.file = file
  }

  /// An open file under a lock; nil where others have locks that do not go together with it.
  private static func lock(_ path: String, _ kind: Int32) throws -> Int32? {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw HostingError(
        .unavailable, "\(path) cannot be opened: \(String(cString: strerror(errno))).",
        suggestion: "Run this as the user that runs odeumd.")
    }
    guard flock(file, kind | LOCK_NB) == 0 else {
      close(file)
      return nil
    }
    return file
  }

  deinit {
    // A child that is just being started holds the file, too, until it runs its program.
    flock(file, LOCK_UN)
    close(file)
  }
}
