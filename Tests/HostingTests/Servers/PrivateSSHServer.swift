import Foundation
import Postgres
import Remote
import Testing

/// An sshd of our own on loopback, with its own host key and a file of keys that it lets in.
actor PrivateSSHServer {
  let folder: String
  let port: Int
  private var process: ChildProcess?

  static let user = ProcessInfo.processInfo.userName

  init() async throws {
    try #require(
      FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd"),
      "These tests need an SSH server: apt-get install openssh-server")
    folder = NSTemporaryDirectory() + "odeum-sshd-\(UUID().uuidString.prefix(8))"
    port = try Self.freePort()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // sshd wants its folder for privilege separation; packages make it at boot only.
    if getuid() == 0 {
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    try await makeHostKey()
    try await start()
  }

  func makeHostKey() async throws {
    for name in ["host", "host.pub"] { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
    try await LocalHost().output(
      of: Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Word("\(folder)/host")),
      deadline: .seconds(20))
  }

  /// The fingerprint as the server itself says it.
  func fingerprint() async throws -> String {
    let text = try await LocalHost().text(
      of: Command("ssh-keygen", "-l", "-f", Word("\(folder)/host.pub")), deadline: .seconds(20))
    return String(text.split(separator: " ")[1])
  }

  func letIn(_ publicKey: String) throws {
    try Data("\(publicKey)\n".utf8).write(to: URL(filePath: "\(folder)/authorized"))
  }

  func restart(passwords: Bool = false) async throws {
    stop()
    try await start(passwords: passwords)
  }

  func stop() {
    process?.signal(SIGTERM)
    process?.waitForEnd(seconds: 10)
    process = nil
  }

  func remove() {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func start(passwords: Bool = false) async throws {
    let configuration = """
      Port \(port)
      ListenAddress 127.0.0.1
      HostKey \(folder)/host
      AuthorizedKeysFile \(folder)/authorized
      PidFile none
      UsePAM no
      StrictModes no
      PermitRootLogin yes
      PasswordAuthentication \(passwords ? "yes" : "no")
      KbdInteractiveAuthentication no
      """
    try Data(configuration.utf8).write(to: URL(filePath: "\(folder)/config"))
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // Not Foundation's Process: others that it starts meanwhile inherit what tells it of this one's end.
    process = try ChildProcess(["/usr/sbin/sshd", "-D", "-e", "-f", "\(folder)/config"], output: ends[1])
    close(ends[1])
    let output = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    let (lines, line) = AsyncStream.makeStream(of: String.self)
    Thread.detachNewThread {
      while case let data = output.availableData, !data.isEmpty {
        line.yield(String(decoding: data, as: UTF8.self))
      }
      line.finish()
    }
    var said = ""
    for await text in lines {
      said += text
      if said.contains("Server listening") { return }
    }
    Issue.record("sshd did not start: \(said)")
  }

  /// A TCP port on which nothing listens now.
  private static func freePort() throws -> Int {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    try #require(named)
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
