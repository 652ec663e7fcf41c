import Foundation
import NIOCore
import Remote
import Testing

@testable import Docker

@Suite("Programs in containers of an engine, real and simulated", .timeLimit(.minutes(2)))
struct ExecTests {
  @Test("a program's outputs and status come back apart, and secrets and settings reach it")
  func result() async throws {
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let spec = ExecSpec(
        ["sh", "-c", "echo $PASSWORD; id -u; pwd; printf '\\377'; echo err >&2; exit 7", "it's; $(id)"],
        environment: ["PASSWORD": .secret(Secret("s3 cret"))], user: "odoo", workingDirectory: "/tmp")
      let result = try await sandbox.engine.exec(id, spec)
      #expect(result.exitCode == 7 && !result.isSuccess)
      #expect(result.stdout == Array("s3 cret\n101\n/tmp\n".utf8) + [0xff])
      #expect(result.stderr == Array("err\n".utf8))
      #expect(result.text == nil && result.lastWords == "err\n")
      #expect(!"\(spec)".contains("s3 cret"))
    }
  }

  @Test("words reach the program as they are")
  func words() async throws {
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let words = ["", " ", "'", "\"", "$(id)", "a\nb", "é🐘", "-n", "\\", "*", "\u{1}"]
      let result = try await sandbox.engine.exec(id, ExecSpec(["printf", "%s|"] + words.map { Word($0) }))
      #expect(result.text == words.map { $0 + "|" }.joined())
    }
  }

  @Test("a program that is not there has status 127 or 126 and says so", arguments: EngineKind.allCases)
  func missingProgram(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await sandbox.running()
      let result = try await sandbox.engine.exec(id, ExecSpec(["no-such-program"]))
      #expect([126, 127].contains(result.exitCode))
      #expect(result.lastWords.contains("no-such-program"))
    }
  }

  @Test(
    "a container that does not run, and one that is not there, are told apart", arguments: EngineKind.allCases
  )
  func notRunning(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await sandbox.engine.createContainer(sandbox.name("a"), sandbox.spec("true"))
      let error = await #expect(throws: DockerError.self) {
        _ = try await sandbox.engine.exec(id, ExecSpec(["true"]))
      }
      guard case .notRunning(id, _) = error else {
        Issue.record("not “does not run”: \(String(describing: error))")
        return
      }
      await #expect(throws: DockerError.notFound(what: .container, name: "odeum-none")) {
        _ = try await sandbox.engine.exec("odeum-none", ExecSpec(["true"]))
      }
    }
  }

  @Test("output over the limit and time over the time-out are errors", arguments: [false, true])
  func limits(hasInput: Bool) async throws {
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let input: [UInt8]? = hasInput ? [1] : nil
      await #expect(throws: DockerError.tooMuchOutput(endpoint: "yes", limit: 100_000)) {
        _ = try await sandbox.engine.exec(id, ExecSpec(["yes"]), input: input, limit: 100_000)
      }
      await #expect(throws: DockerError.timedOut(endpoint: "exec of sleep", after: .milliseconds(300))) {
        _ = try await sandbox.engine.exec(
          id, ExecSpec(["sleep", "3"]), input: input, timeout: .milliseconds(300))
      }
    }
  }

  @Test("lines come as they are written, and the status last")
  func stream() async throws {
    try await Sandbox.run { sandbox in
      let engine = sandbox.engine
      let id = try await sandbox.running()
      var events: [ExecEvent] = []
      let script = "echo one; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo two >&2; exit 4"
      for try await event in engine.execStream(id, ExecSpec(["sh", "-c", .init(script)])) {
        events.append(event)
        if event == .line(LogLine(source: .stdout, text: "one")) {
          try await engine.putFiles(id, at: "/tmp", [ArchiveFile("go", [])])
        }
      }
      #expect(
        events == [
          .line(LogLine(source: .stdout, text: "one")), .line(LogLine(source: .stderr, text: "two")),
          .exited(4),
        ])
    }
  }

  @Test("large input and large output pass each other, byte for byte")
  func largeBothWays() async throws {
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let input = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 131 ^ $0 >> 8) }
      let result = try await sandbox.engine.exec(id, ExecSpec(["cat"]), input: input)
      #expect(result.stdout == input && result.exitCode == 0)
    }
  }

  @Test("a program sees the end of its input, also of an empty one", arguments: [0, 1, 100_000])
  func endOfInput(count: Int) async throws {
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let result = try await sandbox.engine.exec(
        id, ExecSpec(["wc", "-c"]), input: [UInt8](repeating: 7, count: count))
      #expect(result.text?.trimmingCharacters(in: .whitespacesAndNewlines) == String(count))
    }
  }

  @Test("a program that does not read its input ends the call by itself")
  func unreadInput() async throws {
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let result = try await sandbox.engine.exec(
        id, ExecSpec(["sh", "-c", "exit 9"]), input: [UInt8](repeating: 7, count: 4_000_000))
      #expect(result.exitCode == 9)
      let (endless, more) = AsyncStream.makeStream(of: ByteBuffer.self)
      defer { more.finish() }
      let code = try await sandbox.engine.exec(id, ExecSpec(["true"]), input: endless) { _, _ in }
      #expect(code == 0)
    }
  }

  @Test("an input that fails ends the call with its own error")
  func failingInput() async throws {
    struct Broken: Error {}
    try await Sandbox.run { sandbox in
      let id = try await sandbox.running()
      let input = AsyncThrowingStream<ByteBuffer, any Error> { stream in
        stream.yield(ByteBuffer(string: "some"))
        stream.finish(throwing: Broken())
      }
      await #expect(throws: Broken.self) {
        _ = try await sandbox.engine.exec(id, ExecSpec(["cat"]), input: input) { _, _ in }
      }
    }
  }

  @Test("cancelling ends a call with input that waits for output")
  func cancel() async throws {
    try await Sandbox.run { sandbox in
      let engine = sandbox.engine
      let id = try await sandbox.running()
      let task = Task { try await engine.exec(id, ExecSpec(["sleep", "3"]), input: [], timeout: nil) }
      try await Task.sleep(for: .milliseconds(200))
      task.cancel()
      await #expect(throws: CancellationError.self) { _ = try await task.value }
    }
  }
}
