import Foundation
import Remote
import Testing

/// On which host a test runs.
enum TestedHost: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case local = "this machine"
  case ssh = "a host over SSH"

  var testDescription: String { rawValue }

  /// Runs `test` with the host and a new folder on it.
  func with(_ test: (any Remote.Host, String) async throws -> Void) async throws {
    switch self {
    case .ssh:
      try await withSSHHost { host, server in try await test(host, "\(server.folder)/tasks") }
    case .local:
      let folder = NSTemporaryDirectory() + "odeum-tasks-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try await test(LocalHost(), folder)
    }
  }
}

@Suite("DetachedTask", .serialized, .timeLimit(.minutes(2)))
struct DetachedTaskTests {
  /// A command that notes each run, waits for the file `go`, and ends with a status.
  private func gated(_ folder: String, status: Int = 7) -> Command {
    let script = #"""
      echo run >>"$1/runs"; cat; echo begun; echo problem >&2
      until [ -e "$1/go" ]; do sleep 0.02; done
      echo over; exit "$2"
      """#
    return Command("sh", "-c", Word(script), "sh", Word(folder), "\(status)", input: Array("typed\n".utf8))
  }

  private func open(_ folder: String) throws {
    try Data().write(to: URL(fileURLWithPath: "\(folder)/go"))
  }

  private func runs(_ folder: String) throws -> Int {
    try String(contentsOfFile: "\(folder)/runs", encoding: .utf8).split(separator: "\n").count
  }

  @Test(
    "it runs once however often it is started, is followed to its end, and keeps its status",
    arguments: TestedHost.allCases)
  func life(on kind: TestedHost) async throws {
    try await kind.with { host, folder in
      let task = try DetachedTask("job-1.step_2", on: host, in: folder)
      #expect(try await task.state() == .absent)
      #expect(try await task.origin() == nil)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for _ in 0..<3 { try await task.start(gated(folder), for: .init(operation: "op 1", epoch: 4)) }
      #expect(try await task.state() == .running)
      #expect(try await task.origin() == .init(operation: "op 1", epoch: 4))
      async let followed: [UInt8] = task.follow().reduce(into: []) { $0 += $1 }
      async let waited = task.wait()
      try open(folder)
      #expect(try await waited == .ended(.exited(7)))
      #expect(try await followed == Array("typed\nbegun\nproblem\nover\n".utf8))
      #expect(try await task.log(from: 6, limit: 5) == Array("begun".utf8))
      try await task.start(gated(folder), for: .init(operation: "op 2"))
      #expect(try await task.state() == .ended(.exited(7)))
      #expect(try runs(folder) == 1)
      #expect(try await DetachedTask.names(on: host, in: folder) == ["job-1.step_2"])
      let files = try FileManager.default.contentsOfDirectory(atPath: task.folder).sorted()
      #expect(files == ["lock", "log", "pid", "started", "status", "task"])
      try await task.remove()
      #expect(try await task.state() == .absent)
    }
  }

  @Test("many starts at once run it once", arguments: TestedHost.allCases)
  func race(on kind: TestedHost) async throws {
    try await kind.with { host, folder in
      let task = try DetachedTask("t", on: host, in: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try open(folder)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<10 {
          group.addTask {
            try await task.start(gated(folder, status: 0), for: .init(operation: "\(number)"))
          }
        }
        try await group.waitForAll()
      }
      #expect(try await task.wait() == .ended(.exited(0)))
      #expect(try runs(folder) == 1)
    }
  }

  @Test("it is killed with all that it started, and that is confirmed", arguments: TestedHost.allCases)
  func kill(on kind: TestedHost) async throws {
    try await kind.with { host, folder in
      let word = UUID().uuidString
      let task = try DetachedTask("t", on: host, in: folder)
      let script = "(trap '' TERM; while :; do sleep 0.1; done) & while :; do sleep 0.1; done"
      try await task.start(Command("sh", "-c", Word(script), "sh", Word(word)), for: .init(operation: "o"))
      try await until { ProcessTable.count(withWord: word) == 2 }
      #expect(try await task.kill() == .killed)
      #expect(ProcessTable.count(withWord: word) == 0)
      #expect(try await task.wait() == .killed)
    }
  }

  @Test("what is killed before it was started never runs", arguments: TestedHost.allCases)
  func killedBefore(on kind: TestedHost) async throws {
    try await kind.with { host, folder in
      let task = try DetachedTask("t", on: host, in: folder)
      #expect(try await task.kill() == .killed)
      try await task.start(gated(folder), for: .init(operation: "o"))
      #expect(try await task.state() == .killed)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }

  @Test("a task all of whose processes were killed by others is lost, and is not started again")
  func lost() async throws {
    try await TestedHost.local.with { host, folder in
      let task = try DetachedTask("t", on: host, in: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try await task.start(gated(folder), for: .init(operation: "o"))
      let pid = try #require(Int32(String(contentsOfFile: "\(task.folder)/pid", encoding: .utf8).dropLast()))
      // Until none is left: one that forks in between has a child that this look did not show.
      try await until {
        let left = ProcessTable.all().filter { $0.session == pid && $0.state != "Z" }
        for process in left { Foundation.kill(process.id, SIGKILL) }
        return left.isEmpty
      }
      #expect(try await task.wait() == .lost)
      try await task.start(gated(folder), for: .init(operation: "o"))
      #expect(try await task.state() == .lost)
    }
  }

  @Test("it survives the end of the connection and of its server, and is adopted by another connection")
  func adoption() async throws {
    try await withSSHHost { host, server in
      let folder = "\(server.folder)/tasks"
      let task = try DetachedTask("t", on: host, in: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try await task.start(gated(folder), for: .init(operation: "o"))
      let waiting = Task { try await task.wait() }
      server.stop()
      try await server.start()
      try open(folder)
      // The wait may have been cut off, or not have begun: then it begins anew.
      _ = try? await waiting.value
      let other = try await server.connection()
      let adopted = try DetachedTask("t", on: SSHHost(other), in: folder)
      #expect(try await adopted.wait() == .ended(.exited(7)))
      #expect(try runs(folder) == 1)
      await other.close()
    }
  }

  @Test("a start that is cut off at any moment and repeated runs it exactly once")
  func cutStart() async throws {
    try await withSSHHost { host, server in
      let folder = "\(server.folder)/tasks"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try open(folder)
      for number in 0..<12 {
        try await host.connection.connect()
        let task = try DetachedTask("t\(number)", on: host, in: folder)
        let note = "\(folder)/runs\(number)"
        let command = Command("sh", "-c", #"echo run >>"$1""#, "sh", Word(note))
        let start = Task { try await task.start(command, for: .init(operation: "o")) }
        // From before the command is sent to after it has run.
        try await Task.sleep(for: .milliseconds(4 * number))
        for master in ProcessTable.masters(in: server.folder) { Foundation.kill(master, SIGKILL) }
        _ = try? await start.value
        try await until { (try? await task.start(command, for: .init(operation: "o"))) != nil }
        let state = try await task.wait()
        let files = try FileManager.default.contentsOfDirectory(atPath: task.folder)
        let log = String(decoding: try await task.log(), as: UTF8.self)
        #expect(state == .ended(.exited(0)), "\(files) \(log)")
        #expect(try String(contentsOfFile: note, encoding: .utf8) == "run\n")
      }
    }
  }

  @Test(
    "a name that could leave the folder is refused",
    arguments: ["", "..", ".x", "a/b", "-a", "a b", "a\nb", "$(id)"])
  func names(name: String) {
    #expect(throws: DetachedTaskError.invalidName(name)) { try DetachedTask(name, on: LocalHost()) }
  }
}
