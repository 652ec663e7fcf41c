import Foundation

/// Writes files that only their owner may read.
public enum PrivateFile {
  /// Puts `text` at `path` with mode 0600, whole or not at all.
  ///
  /// - Throws: `CocoaError` as Foundation reports it.
  public static func write(_ text: String, to path: String) throws {
    let part = path + ".part-\(UUID().uuidString)"
    guard
      FileManager.default.createFile(
        atPath: part, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
    do {
      let handle = try FileHandle(forUpdating: URL(filePath: part))
      try handle.synchronize()
      try handle.close()
      guard rename(part, path) == 0 else {
        throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
      }
    } catch {
      try? FileManager.default.removeItem(atPath: part)
      throw error
    }
  }

  /// Forces to the disk that the files beside `path` have the names that they have.
  ///
  /// - Throws: `CocoaError` where the folder cannot be opened or the disk refuses.
  static func syncFolder(of path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw CocoaError(.fileReadUnknown, userInfo: [NSFilePathErrorKey: folder]) }
    defer { close(handle) }
    guard fsync(handle) == 0 else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: folder])
    }
  }
}
