import Foundation
import Glibc
import Remote

/// A command on a host over a connection that stands: as Odeum runs it, and as `ssh` itself does over a master of its
/// own, in turns. Prints the nanoseconds of each, "ours theirs" a line.
///
///     ssh-bench ADDRESS PORT USER KEY-FILE HOST-KEY-FILE COUNT
@main
struct SSHBench {
  static func main() async throws {
    let words = CommandLine.arguments.dropFirst()
    guard words.count == 6, let port = Int(words[2]), let count = Int(words[6]) else {
      throw Failed("ssh-bench ADDRESS PORT USER KEY-FILE HOST-KEY-FILE COUNT")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "ssh-bench-\(getpid())")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let hostKey = try String(contentsOfFile: words[5], encoding: .utf8).split(separator: " ").map(String.init)
    let connection = SSHConnection(
      to: try SSHTarget(address: words[1], port: port, user: words[3]),
      key: try await SSHKey.reading(
        Secret(String(contentsOfFile: words[4], encoding: .utf8)), in: folder.path),
      hostKeys: [try HostKey(type: hostKey[0], key: hostKey[1], fingerprint: "SHA256:compared")],
      folder: folder.path)
    let plain = PlainSSH(
      address: words[1], port: port, user: words[3], keyFile: words[4],
      hostKey: "\(hostKey[0]) \(hostKey[1])",
      folder: folder.path)
    try plain.begin()
    let host = SSHHost(connection)
    // Each begins with what is only done once.
    for _ in 0..<20 {
      _ = try await ours(host)
      _ = try theirs(plain)
    }
    for number in 0..<count {
      if number.isMultiple(of: 2) {
        let first = try await ours(host)
        print(first, try theirs(plain))
      } else {
        let first = try theirs(plain)
        print(try await ours(host), first)
      }
    }
    try plain.end()
    await connection.close()
  }

  private static func ours(_ host: SSHHost) async throws -> Int {
    let begin = now()
    try await host.output(of: Command("true"), deadline: .seconds(30))
    return now() - begin
  }

  private static func theirs(_ plain: PlainSSH) throws -> Int {
    let begin = now()
    try plain.run("true")
    return now() - begin
  }
}

/// Something could not be measured.
struct Failed: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = text }
}

/// Nanoseconds of the clock that nobody sets.
func now() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
