import Foundation
import Testing

@testable import Remote

@Suite("Fence", .serialized, .timeLimit(.minutes(2)))
struct FenceTests {
  @Test(
    "an epoch only rises, and commands of an older one are refused and not run",
    arguments: TestedHost.allCases)
  func epochs(on kind: TestedHost) async throws {
    try await kind.with { host, folder in
      let fence = Fence(folder: "\(folder)/a 'fence'")
      let file = "\(folder)/ran"
      #expect(try await fence.epoch(of: host) == 0)
      let early = fence.host(host, under: 3)
      #expect(try await early.text(of: Command("echo", "free"), deadline: .seconds(20)) == "free\n")
      try await fence.raise(to: 3, on: host)
      try await fence.raise(to: 3, on: host)
      #expect(try await fence.epoch(of: host) == 3)
      try await fence.raise(to: 12, on: host)
      #expect(try await fence.epoch(of: host) == 12)
      await #expect(throws: HostError.staleEpoch(host: host.name, epoch: 3, newest: 12)) {
        try await fence.raise(to: 3, on: host)
      }
      await #expect(throws: HostError.staleEpoch(host: host.name, epoch: 3, newest: 12)) {
        try await early.run(Command("touch", Word(file)), deadline: .seconds(20))
      }
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }

  @Test("under an epoch a command is what it is without", arguments: TestedHost.allCases)
  func transparent(on kind: TestedHost) async throws {
    try await kind.with { host, folder in
      let fenced = Fence(folder: folder).host(host, under: 1)
      let words = QuotingTests.hostile
      let printf = Command("/usr/bin/printf", words: [#"%s\0"#] + words.map { Word(bytes: $0) })
      let output = try await fenced.output(of: printf, deadline: .seconds(20))
      #expect(
        output.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init) == words)
      let script = #"pwd; umask; printf %s "$A"; cat; echo e >&2; exit 75"#
      let command = Command(
        "sh", "-c", Word(script), folder: "/tmp", environment: ["A": "b"], input: Array("in".utf8))
      let result = try await fenced.run(command, deadline: .seconds(20))
      #expect(result == (try await host.run(command, deadline: .seconds(20))))
      #expect(result.exitStatus == .exited(75))
      #expect(
        try await fenced.run(Command("sh", "-c", "kill -9 $$"), deadline: .seconds(20)).exitStatus
          == .signalled(9))
      await #expect(throws: HostError.programMissing(program: "no-such-program", host: host.name)) {
        try await fenced.run(Command("no-such-program"), deadline: .seconds(20))
      }
      try await fenced.write([1, 2, 3], to: "\(folder)/file")
      #expect(try await fenced.read("\(folder)/file") == [1, 2, 3])
    }
  }

  @Test("raising waits for the commands of the older owner, and says so when they do not end")
  func waiting() async throws {
    try await TestedHost.local.with { host, folder in
      let fence = Fence(folder: folder)
      let old = fence.host(host, under: 1)
      let script = #"echo >"$1/runs"; until [ -e "$1/go" ]; do sleep 0.02; done; sleep "$2" & :"#
      let seconds = "100.\(Int.random(in: 1...999_999_999))"
      let running = Task {
        try await old.run(
          Command("sh", "-c", Word(script), "sh", Word(folder), Word(seconds)), deadline: .seconds(60))
      }
      try await until { FileManager.default.fileExists(atPath: "\(folder)/runs") }
      await #expect(throws: HostError.olderCommandsRun(host: "this machine", after: .seconds(1))) {
        try await fence.raise(to: 2, on: host, patience: .seconds(1))
      }
      await #expect(throws: HostError.staleEpoch(host: "this machine", epoch: 1, newest: 2)) {
        try await old.run(Command("true"), deadline: .seconds(20))
      }
      try Data().write(to: URL(fileURLWithPath: "\(folder)/go"))
      #expect(try await running.value.exitStatus == .exited(0))
      // What the command has left in the background holds no lock.
      try await fence.raise(to: 2, on: host, patience: .seconds(1))
      for process in ProcessTable.all() where process.name == "sleep" {
        let words = FileManager.default.contents(atPath: "/proc/\(process.id)/cmdline") ?? Data()
        if String(decoding: words, as: UTF8.self).contains(seconds) { kill(process.id, SIGKILL) }
      }
    }
  }

  @Test("a new owner ends the old owner's connection, its commands and its sockets, and locks it out")
  func takeOver() async throws {
    let server = try await TestSSHServer()
    defer { server.remove() }
    let fence = Fence(folder: "\(server.folder)/fence")
    let old = try await server.connection(owner: FenceOwner(fence: fence, epoch: 1))
    let oldHost = fence.host(SSHHost(old), under: 1)
    try await fence.raise(to: 1, on: SSHHost(old))
    let word = UUID().uuidString
    let file = "\(server.folder)/runs"
    let script = #"echo >"$2"; while :; do sleep 0.1; done"#
    let command = Command("sh", "-c", Word(script), "sh", Word(word), Word(file))
    let running = Task { try await oldHost.run(command, deadline: .seconds(60)) }
    try await until { FileManager.default.fileExists(atPath: file) }

    let new = try await server.connection(owner: FenceOwner(fence: fence, epoch: 2))
    try await fence.raise(to: 2, on: SSHHost(new))
    #expect(ProcessTable.count(withWord: word) == 0)
    await #expect(throws: HostError.self) { try await running.value }
    try await until {
      do {
        _ = try await oldHost.run(Command("true"), deadline: .seconds(20))
        return false
      } catch HostError.connection(.lost) {
        return false
      } catch {
        return (error as? HostError) == .staleEpoch(host: "web1", epoch: 1, newest: 2)
      }
    }
    let newHost = fence.host(SSHHost(new), under: 2)
    #expect(try await newHost.text(of: Command("echo", "mine"), deadline: .seconds(20)) == "mine\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(fence.folder)/owners").count == 1)
    await old.close()
    await new.close()
  }

  @Test("a keeper whose connection has gone notes process 1 as what is to be ended")
  func orphans() async throws {
    let folder = "/tmp/odeum-fence-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let owner = FenceOwner(fence: Fence(folder: folder), epoch: 1)
    let keeper = RemoteScript.keeper(nonce: "nonce", owner: owner)
    // The shell between ends at once, so that the one that runs the script has no parent any more.
    let script = #"""
      mkdir -p "$2"
      mkfifo "$2/said"
      ((sleep 0.2; exec sh -c "$1") </dev/null >"$2/said" 2>&1 &)
      exec cat "$2/said"
      """#
    let said = try await LocalHost().text(
      of: Command(
        "sh", "-c", Word(script), "sh", Word(bytes: keeper.bytes), Word(folder)), deadline: .seconds(20))
    #expect(said == "")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/owners").isEmpty)
  }
}
