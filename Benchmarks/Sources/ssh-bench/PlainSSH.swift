import Foundation
import Glibc

/// `ssh` with a master of its own, started by nothing but `posix_spawn`.
struct PlainSSH {
  private let target: [String]
  private let options: [String]

  init(address: String, port: Int, user: String, keyFile: String, hostKey: String, folder: String) {
    let known = "\(folder)/known_hosts"
    FileManager.default.createFile(atPath: known, contents: Data("plain \(hostKey)\n".utf8))
    let settings = [
      "BatchMode=yes", "UserKnownHostsFile=\(known)", "HostKeyAlias=plain", "IdentitiesOnly=yes",
      "ControlPath=\(folder)/control",
    ]
    options = ["-F", "none", "-i", keyFile, "-p", String(port)] + settings.flatMap { ["-o", $0] }
    target = ["\(user)@\(address)"]
  }

  /// Makes the connection.
  func begin() throws { try spawn(options + ["-M", "-N", "-f"] + target) }

  /// Runs a command in it.
  func run(_ command: String) throws { try spawn(options + target + [command]) }

  /// Ends the connection.
  func end() throws { try spawn(options + ["-O", "exit"] + target) }

  private func spawn(_ words: [String]) throws {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for file: Int32 in [0, 1, 2] {
      posix_spawn_file_actions_addopen(&files, file, "/dev/null", O_RDWR, 0)
    }
    var arguments = (["ssh"] + words).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    var status: Int32 = 0
    guard posix_spawnp(&process, "ssh", &files, nil, &arguments, environ) == 0,
      waitpid(process, &status, 0) == process, status == 0
    else { throw Failed("ssh \(words.joined(separator: " ")) ended with \(status)") }
  }
}
