import Foundation
import Remote
import Testing

@testable import Docker

@Suite("The engine itself", .timeLimit(.minutes(1)))
struct EngineTests {
  private static func version(_ api: String, minimum: String = "1.12") -> FakeEngine.Answer {
    .json(#"{"Version":"x.y","ApiVersion":"\#(api)","MinAPIVersion":"\#(minimum)"}"#)
  }

  @Test("a real engine answers with its version and what it runs on")
  func real() async throws {
    let engine = DockerEngine()
    try await engine.ping()
    let version = try await engine.version()
    #expect(version.apiVersion >= .oldest)
    #expect(try await engine.apiVersion() == min(version.apiVersion, .newest))
    let info = try await engine.info()
    let host = try await LocalHost().facts()
    #expect(info.cores == host.cores && info.memory == host.memoryTotal)
    #expect(
      info.rootFolder.hasPrefix("/") && !info.storageDriver.isEmpty && [1, 2].contains(info.cgroupVersion))
    #expect(!info.id.isEmpty && info.architecture == host.architecture)
  }

  @Test(
    "a socket that is not there, or on which nothing listens, says that Docker is down and how to start it")
  func down() async throws {
    let missing = "/tmp/odeum-no-such.sock"
    await #expect(throws: DockerError.unreachable(socket: missing, reason: "there is no such socket")) {
      try await DockerEngine(socket: missing).ping()
    }
    let dead = "/tmp/odeum-dead-\(UUID().uuidString.prefix(8)).sock"
    try await LocalHost().output(
      of: Command(
        "python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", Word(dead)),
      deadline: .seconds(20))
    defer { try? FileManager.default.removeItem(atPath: dead) }
    let error = await #expect(throws: DockerError.self) { try await DockerEngine(socket: dead).info() }
    #expect(error == .unreachable(socket: dead, reason: "nothing listens there"))
    #expect(error?.isTransient == true)
    #expect(error?.description.contains("systemctl start docker") == true)
    await #expect(throws: DockerError.unreachable(socket: missing, reason: "there is no such socket")) {
      for try await _ in DockerEngine(socket: missing).events() {}
    }
  }

  @Test("an engine that is too old or too new is refused by name")
  func versions() async throws {
    try await FakeEngine.run(answering: { _ in Self.version("1.40") }) { fake in
      await #expect(throws: DockerError.tooOld(engineVersion: "x.y", apiVersion: "1.40", needed: "1.41")) {
        _ = try await DockerEngine(socket: fake.socket).containers()
      }
    }
    try await FakeEngine.run(answering: { _ in Self.version("1.60", minimum: "1.52") }) { fake in
      await #expect(
        throws: DockerError.tooNew(engineVersion: "x.y", minimumAPIVersion: "1.52", known: "1.51")
      ) {
        _ = try await DockerEngine(socket: fake.socket).containers()
      }
    }
  }

  @Test("calls use the newest version that both know, agreed on once, and again when the engine is exchanged")
  func negotiation() async throws {
    for (engineVersion, used) in [("1.41", "1.41"), ("1.47", "1.47"), ("1.60", "1.51")] {
      try await FakeEngine.run(answering: { $0 == "GET /version" ? Self.version(engineVersion) : .json("[]") }
      ) { fake in
        let engine = DockerEngine(socket: fake.socket)
        _ = try await engine.networks()
        _ = try await engine.networks()
        var happenings = fake.happenings.makeAsyncIterator()
        #expect(await happenings.next() == "GET /version")
        let path = "GET /v\(used)/networks?filters=%7B%7D"
        #expect(await happenings.next() == path)
        #expect(await happenings.next() == path)
      }
    }
    let answer: @Sendable (String) -> FakeEngine.Answer = { request in
      if request == "GET /version" { return Self.version("1.41") }
      return request.contains("/v1.41/")
        ? .json("[]")
        : .json(
          #"{"message":"client version 1.47 is too new. Maximum supported API version is 1.41"}"#, status: 400
        )
    }
    try await FakeEngine.run(answering: answer) { fake in
      let engine = DockerEngine(socket: fake.socket)
      engine.connection.assume(APIVersion(major: 1, minor: 47))
      let networks = try await engine.networks()
      #expect(networks.isEmpty)
    }
  }

  @Test("an answer that is cut off, silent or nonsense is an error of its own")
  func broken() async throws {
    let answer: @Sendable (String) -> FakeEngine.Answer = { request in
      switch request {
      case "GET /version": Self.version("1.41")
      case let path where path.contains("/networks/"): .silence
      case let path where path.contains("/networks"): .cutOff("[{")
      case let path where path.contains("/volumes"): .json("<html>")
      case let path where path.contains("/events"): .cutOff("{\"Type\":\"container\"}\n")
      default: .json("a text", status: 503)
      }
    }
    try await FakeEngine.run(answering: answer) { fake in
      let engine = DockerEngine(socket: fake.socket)
      await #expect(throws: DockerError.cutOff(endpoint: "GET /networks")) { _ = try await engine.networks() }
      let nonsense = await #expect(throws: DockerError.self) { _ = try await engine.volumes() }
      guard case .unexpectedAnswer("GET /volumes", _) = nonsense else {
        Issue.record("not unexpected: \(String(describing: nonsense))")
        return
      }
      await #expect(throws: DockerError.api(status: 503, message: "a text", endpoint: "GET /info")) {
        _ = try await engine.info()
      }
      var kinds: [String] = []
      await #expect(throws: DockerError.cutOff(endpoint: "GET /events")) {
        for try await event in engine.events() { kinds.append(event.kind) }
      }
      #expect(kinds == ["container"])
      let call = EngineCall(.GET, "/networks/x", timeout: .milliseconds(200))
      await #expect(throws: DockerError.timedOut(endpoint: "GET /networks/x", after: .milliseconds(200))) {
        try await engine.connection.send(call)
      }
      await #expect(throws: DockerError.timedOut(endpoint: "GET /networks/x", after: .milliseconds(200))) {
        _ = try await engine.connection.open(call, transfers: false)
      }
    }
  }

  @Test(
    "leaving a stream, or cancelling what waits for one, closes its connection", arguments: [false, true])
  func leaving(cancels: Bool) async throws {
    let answer: @Sendable (String) -> FakeEngine.Answer = {
      $0 == "GET /version" ? Self.version("1.41") : .open("{\"Type\":\"container\"}\n")
    }
    try await FakeEngine.run(answering: answer) { fake in
      let engine = DockerEngine(socket: fake.socket)
      let (seen, sawOne) = AsyncStream<Void>.makeStream()
      let task = Task {
        for try await _ in engine.events() {
          sawOne.yield()
          if !cancels { break }
        }
        // A stream ends without an error where its task is cancelled between two values.
        try Task.checkCancellation()
      }
      for await _ in seen { break }
      if cancels {
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
      } else {
        try await task.value
      }
      for await happening in fake.happenings where happening == "closed" { break }
    }
  }

  @Test("a pull's progress is given, and an error inside it ends it")
  func pull() async throws {
    let lines = """
      {"status":"Pulling from library/odoo","id":"19.0"}
      {"status":"Downloading","progressDetail":{"current":10,"total":200},"progress":"[=> ]","id":"aa"}
      {"status":"Pull complete","progressDetail":{},"id":"aa"}
      {"status":"Extracting","progressDetail":{"current":3,"units":"s"},"id":"bb"}
      {"status":"Status: Downloaded newer image for odoo:19.0"}

      """
    let answer: @Sendable (String) -> FakeEngine.Answer = { request in
      switch request {
      case "GET /version": Self.version("1.41")
      case "POST /v1.41/images/create?fromImage=odoo&tag=19.0": .json(lines)
      case "POST /v1.41/images/create?fromImage=odoo&tag=99":
        .json(#"{"message":"manifest for odoo:99 not found: manifest unknown"}"#, status: 404)
      default:
        .json(
          lines
            + #"{"errorDetail":{"message":"write /x: no space left on device"},"error":"write /x: no space left on device"}"#
        )
      }
    }
    try await FakeEngine.run(answering: answer) { fake in
      let engine = DockerEngine(socket: fake.socket)
      var progress: [PullProgress] = []
      for try await step in engine.pull("odoo:19.0") { progress.append(step) }
      #expect(
        progress == [
          PullProgress(layer: "19.0", status: "Pulling from library/odoo"),
          PullProgress(layer: "aa", status: "Downloading", current: 10, total: 200),
          PullProgress(layer: "aa", status: "Pull complete"),
          PullProgress(layer: "bb", status: "Extracting", current: 3),
          PullProgress(layer: nil, status: "Status: Downloaded newer image for odoo:19.0"),
        ])
      await #expect(
        throws: DockerError.imageNotFound(
          reference: "odoo:99", message: "manifest for odoo:99 not found: manifest unknown")
      ) { for try await _ in engine.pull("odoo:99") {} }
      await #expect(throws: DockerError.noSpace(message: "write /x: no space left on device")) {
        for try await _ in engine.pull("odoo") {}
      }
    }
  }
}
