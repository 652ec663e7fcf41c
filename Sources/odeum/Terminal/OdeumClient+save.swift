import Client
import Foundation

extension OdeumClient {
  /// Saves what `call` answers as the file `path`, which must not be there, and says so. What could not be saved whole is
  /// removed: half a file must not pass for a whole one.
  func save(_ call: API.Call<API.File>, as path: String) async throws {
    let name = Columns.harmless(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CommandFailure(
        status: .usage, message: "\(name) cannot be written: \(String(cString: strerror(errno))).",
        next: "the same with another --output")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try await download(call) { part in
        do {
          try file.write(contentsOf: part)
        } catch {
          throw CommandFailure(
            status: .fault, message: "\(name) cannot be written: \(error.localizedDescription)",
            next: "look for room (df -h), then the same again")
        }
      }
      try file.close()
    } catch {
      unlink(path)
      throw error
    }
    Terminal.messages.line("\(Terminal.messages.style.done) Saved as \(name)")
  }
}
