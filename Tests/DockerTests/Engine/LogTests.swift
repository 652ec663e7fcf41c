import Foundation
import Testing

@testable import Docker

@Suite("Logs of an engine, real and simulated", .timeLimit(.minutes(2)))
struct LogTests {
  private func ended(_ sandbox: Sandbox, _ script: String) async throws -> String {
    let id = try await sandbox.engine.createContainer(sandbox.name("log"), sandbox.spec(script))
    try await sandbox.engine.start(id)
    _ = try await sandbox.engine.wait(id)
    return id
  }

  private func collect(_ lines: AsyncThrowingStream<LogLine, any Error>) async throws -> [LogLine] {
    var all: [LogLine] = []
    for try await line in lines { all.append(line) }
    return all
  }

  @Test(
    "what was written to each output comes back in lines, with times, a tail, or from a moment on",
    arguments: EngineKind.allCases)
  func lines(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let id = try await ended(
        sandbox,
        "echo one; sleep 0.2; echo two >&2; sleep 0.2; printf 'three \\377'; sleep 0.2; printf ' end'")
      let all = try await collect(engine.logs(id))
      // An engine that is busy may read the one output before the other.
      #expect(all.filter { $0.source == .stdout }.map(\.text) == ["one", "three \u{fffd} end"])
      #expect(all.filter { $0.source == .stderr } == [LogLine(source: .stderr, text: "two")])
      let timed = try await collect(engine.logs(id, timestamps: true))
      #expect(timed.map(\.text) == all.map(\.text))
      let times = timed.compactMap(\.timestamp).sorted()
      #expect(times.count == 3)
      let between = times[0].addingTimeInterval(times[1].timeIntervalSince(times[0]) / 2)
      #expect(try await collect(engine.logs(id, since: between)).count == 2)
      #expect(try await collect(engine.logs(id, tail: 0)).isEmpty)
    }
  }

  @Test("a line far longer than the engine's pieces is one line", arguments: EngineKind.allCases)
  func longLine(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await ended(sandbox, "head -c 100000 /dev/zero | tr '\\0' x; echo; echo next")
      for timestamps in [false, true] {
        let lines = try await collect(sandbox.engine.logs(id, timestamps: timestamps))
        #expect(lines.map(\.text.count) == [100_000, 4])
      }
    }
  }

  @Test("following gives lines as they are written, and ends with the container")
  func follow() async throws {
    try await Sandbox.run { sandbox in
      let engine = sandbox.engine
      let id = try await engine.createContainer(
        sandbox.name("log"),
        sandbox.spec("echo ready; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo gone"))
      try await engine.start(id)
      var texts: [String] = []
      for try await line in engine.logs(id, follow: true) {
        texts.append(line.text)
        if line.text == "ready" { try await engine.putFiles(id, at: "/tmp", [ArchiveFile("go", [])]) }
      }
      #expect(texts == ["ready", "gone"])
    }
  }

  @Test("cancelling ends a stream that has nothing to say", arguments: EngineKind.allCases)
  func cancel(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await sandbox.running()
      let engine = sandbox.engine
      let task = Task { for try await _ in engine.logs(id, follow: true) {} }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test("logs of a container that is not there are an error, not an end", arguments: EngineKind.allCases)
  func missing(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      await #expect(throws: DockerError.notFound(what: .container, name: sandbox.name("none"))) {
        for try await _ in sandbox.engine.logs(sandbox.name("none")) {}
      }
    }
  }
}
