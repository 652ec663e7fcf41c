import Foundation
import Jobs

/// The file of the master key, and the one that is beside it while the key is being changed.
///
/// ```
/// master.key        the key
/// master.key.new    a key that takes its place: written before the database knows it, so that whichever of the
///                   two the database was written under after a crash is here
/// master.key.old    the key before the last change, which opens the backups from before it
/// ```
public struct MasterKeyFile: Sendable {
  /// Where the key is kept.
  public let path: String

  /// The file at `path`, which need not exist.
  public init(_ path: String) {
    self.path = path
  }

  private var newPath: String { path + ".new" }
  /// Where the key before the last change is kept.
  public var oldPath: String { path + ".old" }

  /// The keys of which one is right: none before the first start, and two after a change that was cut off.
  ///
  /// - Throws: `HostingError` for a file that cannot be read or is no key.
  public func candidates() throws -> [MasterKey] {
    try [path, newPath].filter { FileManager.default.fileExists(atPath: $0) }.map {
      try MasterKey.kept(at: $0)
    }
  }

  /// Makes the key of a new installation.
  ///
  /// - Throws: `HostingError` where it cannot be written.
  public func make() throws -> MasterKey { try MasterKey.kept(at: path) }

  /// Writes a new key beside the present one. After this, the database may be brought to it.
  ///
  /// - Throws: `HostingError` where it cannot be written.
  public func prepare(_ new: MasterKey) throws {
    try told {
      try PrivateFile.write(new.base64.reveal() + "\n", to: newPath)
      try PrivateFile.syncFolder(of: path)
      CrashPoint.reach("rotate/prepared")
    }
  }

  /// Brings the files in line with the key that the database was written under. To be called with one of
  /// `candidates`; harmless when there is nothing to do, and when it is cut off and called again.
  ///
  /// - Throws: `HostingError` where the folder cannot be written.
  public func settle(on right: MasterKey) throws {
    try told {
      guard FileManager.default.fileExists(atPath: newPath) else { return }
      CrashPoint.reach("rotate/committed")
      if try MasterKey.kept(at: newPath).base64 == right.base64 {
        if let old = try? MasterKey.kept(at: path), old.base64 != right.base64 {
          try PrivateFile.write(old.base64.reveal() + "\n", to: oldPath)
        }
        CrashPoint.reach("rotate/kept")
        guard rename(newPath, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
      } else {
        try FileManager.default.removeItem(atPath: newPath)
      }
      try PrivateFile.syncFolder(of: path)
    }
  }

  private func told(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as HostingError {
      throw error
    } catch {
      throw HostingError(
        .unavailable, "The master key beside \(path) cannot be written: \(error.localizedDescription)",
        suggestion: "Check the folder's owner and free space, then try again. The present key still holds.")
    }
  }
}
