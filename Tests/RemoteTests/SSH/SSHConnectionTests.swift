import Foundation
import Remote
import RemoteTesting
import Testing

@Suite("SSHConnection", .serialized, .timeLimit(.minutes(2)))
struct SSHConnectionTests {
  @Test("a host with another key than the pinned one is an error that names both, and nothing is executed")
  func changedHostKey() async throws {
    try await withSSHHost { host, server in
      let pinned = try await server.hostKey()
      let file = "\(server.folder)/executed"
      try await host.output(of: Command("true"), deadline: .seconds(20))
      server.stop()
      try await server.makeHostKey()
      try await server.start()
      let presented = try await server.hostKey().fingerprint
      await #expect(
        throws: HostError.connection(
          .hostKeyChanged(host: "web1", expected: [pinned.fingerprint], presented: presented))
      ) {
        while true {
          do {
            _ = try await host.run(Command("touch", Word(file)), deadline: .seconds(20))
          } catch HostError.connection(.lost) {
            // The end of the old connection was noticed only now.
          } catch HostError.connection(.refused) {
            // The last try to connect was made while nobody listened.
          }
        }
      }
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }

  @Test("without a pinned key nothing is sent")
  func noHostKey() async throws {
    let key = try await SSHKey.generate(comment: "x")
    let connection = SSHConnection(
      to: try SSHTarget(address: "127.0.0.1", port: 1), key: key, hostKeys: [], folder: "/tmp/odeum-none",
      settings: .quick)
    await #expect(throws: SSHError.hostKeyUnknown(host: "127.0.0.1:1")) { try await connection.connect() }
    await connection.close()
  }

  @Test("a scan gives the host's keys with the fingerprints that the host itself shows")
  func scan() async throws {
    try await withSSHHost { _, server in
      let keys = try await HostKey.scan(try server.target)
      let own = try await server.hostKey()
      #expect(keys == [own])
      server.stop()
      let target = try server.target
      await #expect(throws: SSHError.refused(host: target.name)) { try await HostKey.scan(target) }
      let nowhere = try SSHTarget(address: "no-such-host.invalid")
      await #expect(throws: SSHError.unknownHostName(host: nowhere.name)) { try await HostKey.scan(nowhere) }
    }
  }

  @Test("a user or a key that the host does not know, and a port where nobody listens, are told apart")
  func refusals() async throws {
    try await withSSHHost { _, server in
      let other = try await SSHKey.generate(comment: "other")
      let hostKeys = [try await server.hostKey()]
      func error(_ target: SSHTarget, _ key: SSHKey) async -> SSHError? {
        let connection = SSHConnection(
          to: target, key: key, hostKeys: hostKeys, folder: "\(server.folder)/c", settings: .quick)
        let error = await #expect(throws: SSHError.self) { try await connection.connect() }
        await connection.close()
        return error
      }
      let target = try server.target
      #expect(await error(target, other) == .permissionDenied(host: target.name, user: target.user))
      let stranger = try SSHTarget(address: "127.0.0.1", port: server.port, user: "nobody-here")
      #expect(await error(stranger, server.key) == .permissionDenied(host: target.name, user: "nobody-here"))
      server.stop()
      #expect(await error(target, server.key) == .refused(host: target.name))
    }
  }

  @Test(
    "a command whose connection is lost says so, is ended on the host, and the next one finds the way again")
  func lostInMidCommand() async throws {
    try await withSSHHost { host, server in
      let word = UUID().uuidString
      let file = "\(server.folder)/runs"
      let command = Command(
        "sh", "-c", #"echo >"$2"; while :; do sleep 0.1; done"#, "sh", Word(word), Word(file))
      let task = Task { try await host.run(command, deadline: .seconds(60)) }
      try await until { FileManager.default.fileExists(atPath: file) }
      server.stop()
      let error = await #expect(throws: HostError.self) { try await task.value }
      guard case .connection(.lost(host: "web1", command: command.description, reason: _)) = error else {
        Issue.record("not the loss of the connection: \(String(describing: error))")
        return
      }
      try await until { ProcessTable.count(withWord: word) == 0 }
      await #expect(throws: HostError.connection(.refused(host: "web1"))) {
        try await host.run(Command("true"), deadline: .seconds(20))
      }
      try await server.start()
      try await until {
        (try? await host.text(of: Command("echo", "back"), deadline: .seconds(20))) == "back\n"
      }
    }
  }

  @Test("a master that is killed is replaced, and no command ever makes a connection of its own")
  func killedMaster() async throws {
    try await withSSHHost { host, server in
      for _ in 0..<3 {
        #expect(try await host.text(of: Command("echo", "on"), deadline: .seconds(20)) == "on\n")
        let masters = ProcessTable.masters(in: server.folder)
        #expect(masters.count == 1)
        for master in masters { kill(master, SIGKILL) }
      }
      #expect(try await host.text(of: Command("echo", "on"), deadline: .seconds(20)) == "on\n")
      try await until { server.descendants().count == 1 }
    }
  }

  @Test(
    "a network that swallows everything ends in a typed time-out, and the next command works when it heals")
  func blackHole() async throws {
    try await withSSHHost { _, server in
      let proxy = try TestProxy(to: server.port)
      defer { proxy.close() }
      var settings = SSHConnection.Settings.quick
      settings.patience = .milliseconds(300)
      let connection = try await server.connection(port: proxy.port, settings: settings)
      let host = SSHHost(connection)
      #expect(try await host.text(of: Command("echo", "on"), deadline: .seconds(20)) == "on\n")
      proxy.isFrozen = true
      let command = Command("echo", "lost")
      await #expect(
        throws: HostError.connection(
          .endNotConfirmed(command: "echo lost", host: "web1", after: .milliseconds(300)))
      ) {
        try await host.run(command, deadline: .milliseconds(200))
      }
      proxy.isFrozen = false
      #expect(try await host.text(of: Command("echo", "healed"), deadline: .seconds(60)) == "healed\n")
      await connection.close()
    }
  }

  @Test("a connection over which nothing comes any more is given up, and its command is told so")
  func silence() async throws {
    try await withSSHHost { _, server in
      let proxy = try TestProxy(to: server.port)
      defer { proxy.close() }
      var settings = SSHConnection.Settings.quick
      settings.aliveCount = 1
      let connection = try await server.connection(port: proxy.port, settings: settings)
      let host = SSHHost(connection)
      #expect(try await host.text(of: Command("echo", "on"), deadline: .seconds(20)) == "on\n")
      proxy.isFrozen = true
      let error = await #expect(throws: HostError.self) {
        try await host.run(Command("echo", "lost"), deadline: .seconds(60))
      }
      guard case .connection(.lost(host: "web1", command: "echo lost", reason: _)) = error else {
        Issue.record("not the loss of the connection: \(String(describing: error))")
        return
      }
      await connection.close()
    }
  }

  @Test("a master that hangs is replaced")
  func hangingMaster() async throws {
    var settings = SSHConnection.Settings.quick
    settings.patience = .milliseconds(300)
    try await withSSHHost(settings: settings) { host, server in
      try await host.output(of: Command("true"), deadline: .seconds(20))
      for master in ProcessTable.masters(in: server.folder) { kill(master, SIGSTOP) }
      await #expect(throws: HostError.self) {
        try await host.run(Command("true"), deadline: .milliseconds(100))
      }
      let back = try await host.text(of: Command("echo", "back"), deadline: .seconds(30))
      #expect(back == "back\n")
    }
  }

  @Test("an account without a usable shell is an error that holds the shell's words")
  func unusableShell() async throws {
    try await withSSHHost { host, server in
      try server.writeStartFile("echo not available; exit 1\n")
      await #expect(throws: HostError.connection(.shellUnusable(host: "web1", words: "not available"))) {
        try await host.run(Command("true"), deadline: .seconds(20))
      }
    }
  }

  @Test("a folder in which no socket can be made is refused with its path")
  func folder() async throws {
    try await withSSHHost { _, server in
      let long = "/tmp/" + String(repeating: "a", count: 60)
      for (folder, error) in [
        (long, SSHError.folderTooLong(long)),
        (
          "/tmp/a%h",
          .localFolder(
            path: "/tmp/a%h", reason: "it must be absolute and have no %, $, ~, quote or backslash in it")
        ),
      ] {
        let connection = SSHConnection(
          to: try server.target, key: server.key, hostKeys: [try await server.hostKey()], folder: folder)
        await #expect(throws: error) { try await connection.connect() }
        await connection.close()
      }
    }
  }

  @Test("a host that does not answer while the connection is made is a typed time-out")
  func blackHoleAtConnecting() async throws {
    try await withSSHHost { _, server in
      let proxy = try TestProxy(to: server.port)
      defer { proxy.close() }
      proxy.isFrozen = true
      var settings = SSHConnection.Settings.quick
      settings.connectTimeout = .seconds(1)
      let connection = try await server.connection(port: proxy.port, settings: settings)
      await #expect(throws: SSHError.connectTimedOut(host: "web1", after: .seconds(1))) {
        try await connection.connect()
      }
      await connection.close()
    }
  }

  @Test("a closed connection leaves no process and no file, and refuses commands")
  func close() async throws {
    try await withSSHHost { host, server in
      try await host.output(of: Command("true"), deadline: .seconds(20))
      await host.connection.close()
      #expect(ProcessTable.masters(in: server.folder).isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(server.folder)/c").isEmpty)
      try await until { server.descendants().isEmpty }
      await #expect(throws: HostError.connection(.closed(host: "web1"))) {
        try await host.run(Command("true"), deadline: .seconds(20))
      }
    }
  }

  @Test("neither the private key nor a secret of a command is on a command line or left in a file")
  func secrets() async throws {
    try await withSSHHost { host, server in
      let secret = Secret("s3cr3t-\(UUID().uuidString)")
      let file = "\(server.folder)/runs"
      let command = Command(
        "sh", "-c", #"echo >"$1"; until [ -e "$1.end" ]; do sleep 0.05; done; printf %s "$TOKEN""#, "sh",
        Word(file), environment: ["TOKEN": .secret(secret)])
      let task = Task { try await host.text(of: command, deadline: .seconds(60)) }
      try await until { FileManager.default.fileExists(atPath: file) }
      #expect(ProcessTable.count(withWord: secret.reveal()) == 0)
      let folder = try #require(FileManager.default.subpaths(atPath: "\(server.folder)/c"))
      #expect(!folder.contains { $0.hasSuffix("/key") })
      try Data().write(to: URL(fileURLWithPath: "\(file).end"))
      #expect(try await task.value == secret.reveal())
    }
  }
}

extension ProcessTable {
  /// The masters whose control sockets are under `folder`.
  static func masters(in folder: String) -> [Int32] {
    all().filter { process in
      guard process.state != "Z", process.name == "ssh",
        let words = FileManager.default.contents(atPath: "/proc/\(process.id)/cmdline")
      else { return false }
      let text = String(decoding: words, as: UTF8.self)
      return text.contains("ControlMaster=yes") && text.contains(folder)
    }.map(\.id)
  }
}
