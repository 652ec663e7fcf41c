import Glibc

/// Takes what a program says, in a file without a name: nothing has to read along while it runs.
final class ProgramOutput: Sendable {
  /// Where the program writes to.
  let file: Int32

  /// Throws `ClusterError` where `/tmp` takes no file.
  init() throws {
    var template = Array("/tmp/odeum-output-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else { throw ClusterError.system("/tmp") }
    unlink(template)
    self.file = file
  }

  deinit {
    close(file)
  }

  /// What was said so far, without the newline at its end.
  func text() -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = pread(file, &buffer, buffer.count, text.count)
      if count <= 0 { break }
      text += buffer.prefix(count)
    }
    return String(decoding: text, as: UTF8.self).trimmingTrailingNewline
  }
}
