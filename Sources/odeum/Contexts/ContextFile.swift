import Client
import Foundation

/// The servers that the person signed in to, and which of them is in use. It holds tokens, so only he may read it.
struct ContextFile: Codable, Equatable {
  /// The name of the one in use.
  var current: String?
  /// The servers.
  var contexts: [Context] = []

  /// One server with its token.
  struct Context: Codable, Equatable {
    var name: String
    var url: String
    var token: String
    /// The slug of the organisation that the token is for; nil in a file of an older version.
    var organisation: String?
  }

  /// Where the file is: `$XDG_CONFIG_HOME/odeum/config.json`, `~/.config` without that variable. `~` is `$HOME`, as in
  /// the shell, and the folder of the account where that is not set.
  static func location(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
    func folder(_ name: String) -> URL? {
      environment[name].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
    }
    let base =
      folder("XDG_CONFIG_HOME")
      ?? (folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser).appending(path: ".config")
    return base.appending(path: "odeum/config.json")
  }

  /// Reads the file; without one there are no contexts.
  static func read(_ location: URL = location()) throws -> ContextFile {
    let data: Data
    do {
      data = try Data(contentsOf: location)
    } catch CocoaError.fileReadNoSuchFile {
      return ContextFile()
    } catch {
      throw CommandFailure(
        status: .fault, message: "\(location.path) cannot be read: \(error.localizedDescription)",
        next: "see who owns it: ls -l \(location.path)")
    }
    do {
      return try JSONDecoder().decode(ContextFile.self, from: data)
    } catch {
      throw CommandFailure(
        status: .fault, message: "\(location.path) is damaged.",
        next: "move it away, then sign in again: odeum login URL")
    }
  }

  /// Writes the file whole or not at all, for the owner's eyes only.
  func write(_ location: URL = location()) throws {
    let folder = location.deletingLastPathComponent()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(self) + Data("\n".utf8)
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let draft = folder.appending(path: "config.json.\(UUID().uuidString)")
      let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: data)
      try file.synchronize()
      guard rename(draft.path, location.path) == 0 else {
        throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      }
    } catch {
      throw CommandFailure(
        status: .fault, message: "\(location.path) cannot be written: \(error.localizedDescription)",
        next: "see who owns the folder: ls -ld \(folder.path)")
    }
  }

  /// The context called `name`, or the one in use.
  func context(_ name: String?) throws -> Context? {
    guard let name = name ?? current else { return nil }
    if let context = contexts.first(where: { $0.name == name }) { return context }
    throw CommandFailure(
      status: .usage, message: "There is no context “\(name)”.", next: "odeum context list")
  }

  /// Puts `context` in, in place of one with the same name, and takes it into use.
  mutating func use(_ context: Context) {
    contexts.removeAll { $0.name == context.name }
    contexts.append(context)
    contexts.sort { $0.name < $1.name }
    current = context.name
  }
}
