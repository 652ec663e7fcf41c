import Foundation
import Remote
import Testing

@Suite("Ending commands over SSH", .serialized, .timeLimit(.minutes(2)))
struct SSHEndingTests {
  /// Two processes, of which one ignores SIGTERM; the file says that both run.
  private func stubborn(_ word: String, _ file: String, input: [UInt8]? = nil) -> Command {
    let script = #"(trap '' TERM; while :; do sleep 0.1; done) & echo $$ >"$2"; while :; do sleep 0.1; done"#
    return Command("sh", "-c", Word(script), "sh", Word(word), Word(file), input: input)
  }

  @Test("cancelling ends the command and what it started on the host before it returns")
  func cancellation() async throws {
    try await withSSHHost { host, server in
      let word = UUID().uuidString
      let command = stubborn(word, "\(server.folder)/runs")
      let task = Task { try await host.run(command, deadline: .seconds(60)) }
      try await until { FileManager.default.fileExists(atPath: "\(server.folder)/runs") }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(ProcessTable.count(withWord: word) == 0)
    }
  }

  @Test("a command that does not read its large input is ended, too")
  func unreadInput() async throws {
    try await withSSHHost { host, server in
      let word = UUID().uuidString
      let command = stubborn(word, "\(server.folder)/runs", input: [UInt8](repeating: 65, count: 8 << 20))
      let task = Task { try await host.run(command, deadline: .seconds(60)) }
      try await until { FileManager.default.fileExists(atPath: "\(server.folder)/runs") }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(ProcessTable.count(withWord: word) == 0)
    }
  }

  @Test("input that is cut off with the connection never looks complete to the command")
  func cutInput() async throws {
    try await withSSHHost { host, server in
      let file = "\(server.folder)/file"
      let script = #"""
        head -c 1000 >"$1.part"
        until [ -e "$1.go" ]; do sleep 0.02; done
        cat >>"$1.part"
        mv "$1.part" "$1"
        """#
      let command = Command(
        "sh", "-c", Word(script), "sh", Word(file), input: [UInt8](repeating: 65, count: 32 << 20))
      let task = Task { try await host.run(command, deadline: .seconds(60)) }
      try await until { FileManager.default.fileExists(atPath: "\(file).part") }
      server.stop()
      await #expect(throws: HostError.self) { try await task.value }
      try Data().write(to: URL(fileURLWithPath: "\(file).go"))
      try await until { ProcessTable.count(withWord: file) == 0 }
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }

  @Test("at the deadline the command is ended on the host, and the error says after how long")
  func deadline() async throws {
    try await withSSHHost { host, server in
      try await host.connection.connect()
      let word = UUID().uuidString
      let command = stubborn(word, "\(server.folder)/runs")
      await #expect(
        throws: HostError.timedOut(command: command.description, host: "web1", after: .milliseconds(700))
      ) {
        try await host.run(command, deadline: .milliseconds(700))
      }
      #expect(ProcessTable.count(withWord: word) == 0)
    }
  }

  @Test("a task that is cancelled while it waits for a session runs nothing and keeps none")
  func cancelledInQueue() async throws {
    var settings = SSHConnection.Settings.quick
    settings.sessions = 1
    try await withSSHHost(settings: settings) { host, server in
      let file = "\(server.folder)/gate"
      let first = Task {
        try await host.run(
          Command("sh", "-c", "touch \(file).on; until [ -e \(file) ]; do sleep 0.02; done"),
          deadline: .seconds(60))
      }
      try await until { FileManager.default.fileExists(atPath: "\(file).on") }
      let second = Task { try await host.run(Command("touch", "\(file).bad"), deadline: .seconds(60)) }
      second.cancel()
      await #expect(throws: CancellationError.self) { try await second.value }
      await #expect(throws: HostError.connection(.busy(host: "web1", after: .milliseconds(100)))) {
        try await host.run(Command("touch", "\(file).bad"), deadline: .milliseconds(100))
      }
      try Data().write(to: URL(fileURLWithPath: file))
      #expect(try await first.value.exitStatus == .exited(0))
      #expect(try await host.text(of: Command("echo", "on"), deadline: .seconds(20)) == "on\n")
      #expect(!FileManager.default.fileExists(atPath: "\(file).bad"))
    }
  }
}
