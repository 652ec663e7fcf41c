import Foundation

/// A new folder that only our user enters.
enum PrivateFolder {
  /// Makes a folder of a random name in `parent`, which is made, too, unless it is there. Folders of processes of
  /// ours that died without removing theirs are removed.
  ///
  /// - Throws: `SSHError.localFolder`.
  static func make(in parent: String) throws(SSHError) -> String {
    do {
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .localFolder(path: parent, reason: error.localizedDescription)
    }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
      if let dash = name.firstIndex(of: "-"), let maker = Int32(name[..<dash]), maker > 0,
        name.count == dash.utf16Offset(in: name) + 7, kill(maker, 0) != 0, errno == ESRCH
      {
        remove("\(parent)/\(name)")
      }
    }
    // mkdtemp makes it with mode 0700 and refuses what is there.
    var template = Array("\(parent)/\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .localFolder(path: parent, reason: String(cString: strerror(errno)))
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes a file that only our user reads.
  ///
  /// - Throws: `SSHError.localFolder`.
  static func write(_ text: String, to path: String) throws(SSHError) {
    unlink(path)
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .localFolder(path: path, reason: String(cString: strerror(errno))) }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw .localFolder(path: path, reason: String(cString: strerror(errno))) }
      rest = rest.dropFirst(count)
    }
  }

  /// Removes a folder and what is in it; one that is gone is no matter.
  static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}
