import Foundation
import Remote
import Testing

/// An sshd of our own on a free port of loopback, with its own host key and authorized keys. Ended by its number.
final class TestSSHServer: @unchecked Sendable {
  // Each test has its own and calls it from one task at a time.
  let folder: String
  let port: Int
  let key: SSHKey
  private var process: pid_t = 0

  static let program = "/usr/sbin/sshd"
  static let user = ProcessInfo.processInfo.userName

  /// Starts a server.
  init() async throws {
    try #require(
      FileManager.default.isExecutableFile(atPath: Self.program),
      "These tests need an SSH server: apt-get install openssh-server")
    var template = Array("/tmp/odeum-ssh-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let listener = try TestListener()
    port = listener.port
    listener.close()
    key = try await SSHKey.generate(comment: "odeum test", in: folder)
    // Not the start files of whoever runs the tests.
    try FileManager.default.createDirectory(atPath: "\(folder)/home", withIntermediateDirectories: true)
    try Data("environment=\"HOME=\(folder)/home\" \(key.publicKey)\n".utf8).write(
      to: URL(fileURLWithPath: "\(folder)/authorized"))
    try await makeHostKey()
    // sshd wants its folder for privilege separation; packages make it at boot only.
    if getuid() == 0 {
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    try await start()
  }

  func makeHostKey() async throws {
    try? FileManager.default.removeItem(atPath: "\(folder)/host")
    try await LocalHost().output(
      of: Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/host"),
      deadline: .seconds(20))
  }

  /// Has the login shell, bash, run `script` before each command.
  func writeStartFile(_ script: String) throws {
    try Data(script.utf8).write(to: URL(fileURLWithPath: "\(folder)/home/.bashrc"))
  }

  var target: SSHTarget {
    get throws { try SSHTarget(address: "127.0.0.1", port: port, user: Self.user) }
  }

  /// The key as a person would have confirmed it.
  func hostKey() async throws -> HostKey {
    let file = try #require(try await LocalHost().read("\(folder)/host.pub"))
    let parts = String(decoding: file, as: UTF8.self).split(separator: " ")
    let print = try await LocalHost().text(
      of: Command("ssh-keygen", "-l", "-f", "\(folder)/host.pub"), deadline: .seconds(20)
    ).split(separator: " ")
    return try HostKey(type: String(parts[0]), key: String(parts[1]), fingerprint: String(print[1]))
  }

  func connection(
    port: Int? = nil, settings: SSHConnection.Settings = .quick, owner: FenceOwner? = nil
  ) async throws -> SSHConnection {
    SSHConnection(
      to: try SSHTarget(address: "127.0.0.1", port: port ?? self.port, user: Self.user), key: key,
      hostKeys: [try await hostKey()], folder: "\(folder)/c", name: "web1", settings: settings, owner: owner)
  }

  func start() async throws {
    let configuration = """
      Port \(port)
      ListenAddress 127.0.0.1
      HostKey \(folder)/host
      AuthorizedKeysFile \(folder)/authorized
      PidFile none
      UsePAM no
      StrictModes no
      PermitUserEnvironment yes
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      PrintMotd yes
      LogLevel INFO
      """
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(folder)/config"))
    // Not Foundation's Process: it waits for one child after another where they close what they inherit.
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    let line = [Self.program, "-D", "-e", "-f", "\(folder)/config"]
    var words: [UnsafeMutablePointer<CChar>?] = line.map { (word: String) in strdup(word) }
    words.append(nil)
    let outcome = posix_spawn(&process, Self.program, &actions, nil, &words, environ)
    posix_spawn_file_actions_destroy(&actions)
    for word in words { free(word) }
    _ = Foundation.close(ends[1])
    try #require(outcome == 0)
    // It says when it listens; the rest of what it says is read away so that it never blocks.
    let (said, says) = AsyncStream.makeStream(of: String.self)
    let errors = ends[0]
    Thread.detachNewThread {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(errors, &buffer, buffer.count)
        guard count > 0 else { break }
        says.yield(String(decoding: buffer[..<count], as: UTF8.self))
      }
      _ = Foundation.close(errors)
      says.finish()
    }
    var text = ""
    for await part in said {
      text += part
      if text.contains("Server listening") { return }
    }
    Issue.record("sshd did not start: \(text)")
  }

  /// Ends the listener and every connection it has.
  func stop() {
    guard process > 0 else { return }
    let all = descendants()
    kill(process, SIGTERM)
    for child in all { kill(child, SIGKILL) }
    waitpid(process, nil, 0)
    process = 0
  }

  /// The sshd processes of the connections.
  func descendants() -> [Int32] {
    guard process > 0 else { return [] }
    var found: [Int32] = []
    var parents: Set<Int32> = [process]
    let all = ProcessTable.all().filter { $0.name == "sshd" }
    while true {
      let next = all.filter { parents.contains($0.parent) && !found.contains($0.id) }
      if next.isEmpty { return found }
      found += next.map(\.id)
      parents.formUnion(next.map(\.id))
    }
  }

  func remove() {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }
}

/// What `/proc` says of processes.
struct ProcessTable {
  var id: Int32
  var name: String
  var state: String
  var parent: Int32
  var session: Int32

  static func all() -> [ProcessTable] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.compactMap { id in
      guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
        let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")")
      else { return nil }
      let fields = stat[stat.index(after: close)...].split(separator: " ")
      guard fields.count > 3, let parent = Int32(fields[1]), let session = Int32(fields[3]) else {
        return nil
      }
      return ProcessTable(
        id: id, name: String(stat[stat.index(after: open)..<close]), state: String(fields[0]), parent: parent,
        session: session)
    }
  }

  /// The living processes whose words contain `text`.
  static func count(withWord text: String) -> Int {
    all().filter { process in
      guard process.state != "Z",
        let words = FileManager.default.contents(atPath: "/proc/\(process.id)/cmdline")
      else { return false }
      return String(decoding: words, as: UTF8.self).contains(text)
    }.count
  }
}

extension SSHConnection.Settings {
  /// For a server on loopback: what takes long is soon given up.
  static var quick: Self {
    var settings = Self()
    settings.connectTimeout = .seconds(10)
    settings.aliveInterval = .seconds(1)
    settings.aliveCount = 3
    settings.patience = .seconds(15)
    settings.firstPause = .milliseconds(20)
    settings.longestPause = .milliseconds(200)
    return settings
  }
}

/// Runs `test` with a host on a server of its own, and ends both.
func withSSHHost(
  settings: SSHConnection.Settings = .quick,
  _ test: (SSHHost, TestSSHServer) async throws -> Void
) async throws {
  let server = try await TestSSHServer()
  let connection = try await server.connection(settings: settings)
  do {
    try await test(SSHHost(connection), server)
  } catch {
    await connection.close()
    server.remove()
    throw error
  }
  await connection.close()
  server.remove()
}

/// Waits until `condition` holds; the test's time limit ends a wait in vain.
func until(_ condition: () async throws -> Bool) async throws {
  while try await !condition() {
    try Task.checkCancellation()
    try await Task.sleep(for: .milliseconds(5))
  }
}
