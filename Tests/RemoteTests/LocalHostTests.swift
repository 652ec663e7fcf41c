import Foundation
import Remote
import Testing

@Suite("LocalHost", .timeLimit(.minutes(1)))
struct LocalHostTests {
  let host = LocalHost(grace: .milliseconds(200))

  @Test("a command's status, output and errors come back apart")
  func result() async throws {
    let result = try await host.run(
      Command("sh", "-c", "echo out; echo err >&2; exit 7"), deadline: .seconds(20))
    #expect(
      result
        == CommandResult(exitStatus: .exited(7), stdout: Array("out\n".utf8), stderr: Array("err\n".utf8)))
    #expect(
      try await host.run(Command("sh", "-c", "kill -9 $$"), deadline: .seconds(20)).exitStatus
        == .signalled(9))
  }

  @Test("an expected success that fails says command, host, status and the program's last words")
  func failure() async throws {
    let error = await #expect(throws: HostError.self) {
      try await host.output(
        of: Command("sh", "-c", "echo no such thing >&2; exit 3", "\(Secret("pw"))"), deadline: .seconds(20))
    }
    #expect(
      error
        == .failed(
          command: "sh -c 'echo no such thing >&2; exit 3' '[redacted]'", host: "this machine",
          status: .exited(3),
          lastWords: "no such thing"))
  }

  @Test("folder, environment and input reach the program, and the environment is added to ours")
  func surroundings() async throws {
    let command = Command(
      "sh", "-c", "pwd; echo \"$COLOUR\"; [ -n \"$PATH\" ] && cat", folder: "/tmp",
      environment: ["COLOUR": "blue"],
      input: Array("typed".utf8))
    #expect(try await host.text(of: command, deadline: .seconds(20)) == "/tmp\nblue\ntyped")
  }

  @Test("large input and large output at once do not block each other")
  func largeBothWays() async throws {
    let input = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let result = try await host.run(Command("cat", input: input), deadline: .seconds(60))
    #expect(result.stdout == input)
  }

  @Test("a program that does not read its input is judged by its status alone")
  func unreadInput() async throws {
    let result = try await host.run(
      Command("true", input: [UInt8](repeating: 1, count: 4_000_000)), deadline: .seconds(20))
    #expect(result.exitStatus == .exited(0))
  }

  @Test("output that is not UTF-8 is kept as bytes and refused as text")
  func invalidText() async throws {
    let command = Command("printf", #"a\377b"#)
    #expect(try await host.output(of: command, deadline: .seconds(20)) == [0x61, 0xff, 0x62])
    await #expect(throws: HostError.notText(command: #"printf 'a\377b'"#, host: "this machine")) {
      try await host.text(of: command, deadline: .seconds(20))
    }
  }

  @Test("at the deadline the program and what it started are ended, also what ignores SIGTERM")
  func deadline() async throws {
    let marker = try Marker()
    defer { marker.remove() }
    let script = """
      trap '' TERM
      echo $$ > "$1"
      (trap '' TERM; while :; do sleep 0.05; done) &
      while :; do sleep 0.05; done
      """
    await #expect(
      throws: HostError.timedOut(
        command: Command("sh", "-c", Word(script), "sh", Word(marker.path)).description, host: "this machine",
        after: .milliseconds(1500))
    ) {
      try await host.run(
        Command("sh", "-c", Word(script), "sh", Word(marker.path)), deadline: .milliseconds(1500))
    }
    try await marker.groupGone()
  }

  @Test("cancelling the task ends the program and what it started")
  func cancellation() async throws {
    let marker = try Marker()
    defer { marker.remove() }
    let script = "(trap '' TERM; while :; do sleep 0.05; done) & echo $$ > \"$1\"; wait"
    let task = Task {
      try await host.run(Command("sh", "-c", Word(script), "sh", Word(marker.path)), deadline: .seconds(60))
    }
    try await marker.written()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    try await marker.groupGone()
  }

  @Test("a program that closed its outputs and stays is still ended at the deadline")
  func silentProgram() async throws {
    await #expect(throws: HostError.self) {
      try await host.run(Command("sh", "-c", "exec >&- 2>&-; sleep 60"), deadline: .milliseconds(300))
    }
  }

  @Test("a background process that keeps the outputs open does not keep the command")
  func inheritedOutputs() async throws {
    let marker = try Marker()
    defer { marker.remove() }
    let result = try await host.run(
      Command("sh", "-c", "sleep 30 & echo $! > \"$1\"; echo done", "sh", Word(marker.path)),
      deadline: .seconds(20))
    #expect(result.text == "done\n")
    kill(try #require(marker.pid), SIGKILL)
  }

  @Test("output over the limit is an error that says so, and ends the program")
  func outputLimit() async throws {
    await #expect(throws: HostError.tooMuchOutput(command: "yes", host: "this machine", limit: 10_000)) {
      try await host.run(Command("yes"), deadline: .seconds(60), outputLimit: 10_000)
    }
    let exact = try await host.run(
      Command("head", "-c", "10000", "/dev/zero"), deadline: .seconds(20), outputLimit: 10_000)
    #expect(exact.stdout.count == 10_000)
  }

  @Test("a missing program and a missing folder are told apart")
  func missing() async throws {
    await #expect(throws: HostError.programMissing(program: "no-such-program", host: "this machine")) {
      try await host.run(Command("no-such-program"), deadline: .seconds(20))
    }
    await #expect(throws: HostError.folderMissing(folder: "/no/such", host: "this machine")) {
      try await host.run(Command("true", folder: "/no/such"), deadline: .seconds(20))
    }
  }

  @Test("a word with a NUL byte is refused before anything runs")
  func nul() async throws {
    await #expect(throws: CommandError.self) {
      try await host.run(Command("echo", "a\0b"), deadline: .seconds(20))
    }
  }
}

/// A file into which a script writes its process id.
struct Marker {
  let path = NSTemporaryDirectory() + "odeum-marker-" + UUID().uuidString

  init() throws {
    try Data().write(to: URL(fileURLWithPath: path))
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }

  var pid: Int32? {
    (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
      Int32($0.trimmingCharacters(in: .newlines))
    }
  }

  func written() async throws {
    while pid == nil {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  /// Waits until no process of the script's session is left: a killed process takes a moment to go.
  func groupGone() async throws {
    let group = try #require(pid, "the script had no time to start")
    while Self.hasProcesses(group: group) {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  /// Zombies that await their parent count as gone.
  private static func hasProcesses(group: Int32) -> Bool {
    let processes =
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
    return processes.contains { process in
      guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 3
      else { return false }
      return Int32(fields[2]) == group && fields[0] != "Z"
    }
  }
}
