import Foundation
import Testing

@testable import Docker

@Suite("Images of an engine, real and simulated", .timeLimit(.minutes(2)))
struct ImageTests {
  @Test(
    "an image is there with its labels and environment; another one is not", arguments: EngineKind.allCases)
  func image(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let image = try #require(try await sandbox.engine.image(TestImage.name))
      #expect(image.tags.contains(TestImage.name) && image.id.hasPrefix("sha256:"))
      #expect(image.environment == ["PATH=/bin"] && image.labels["odeum.test.image"] == "busybox")
      #expect(image.size > 1_000_000 && image.createdAt != nil)
      #expect(try await sandbox.engine.image(image.id) == image)
      #expect(try await sandbox.engine.image("odeum.test/none:1") == nil)
      #expect(try await sandbox.engine.images(labels: ["odeum.test.image": nil]).map(\.id).contains(image.id))
    }
  }

  private func build(_ sandbox: Sandbox, _ dockerfile: String, _ change: (inout BuildSpec) -> Void = { _ in })
    async throws -> (log: String, id: String?)
  {
    var spec = BuildSpec(
      context: TarArchive([
        ArchiveFile("Dockerfile", text: "FROM \(TestImage.name)\n" + dockerfile),
        ArchiveFile("a file", text: "content"),
      ]), tag: "odeum.test/\(sandbox.id):1")
    spec.labels = sandbox.labels
    spec.networkMode = "none"
    change(&spec)
    var log = ""
    var id: String?
    for try await event in sandbox.engine.build(spec) {
      switch event {
      case .log(let text): log += text
      case .built(let built): id = built
      case .pull: break
      }
    }
    return (log, id)
  }

  @Test("an image is built with its log, its labels and its arguments, gets names, and loses them")
  func build() async throws {
    try await Sandbox.run { sandbox in
      let engine = sandbox.engine
      let (log, id) = try await build(
        sandbox,
        "ARG WHO\nCOPY [\"a file\", \"/copied\"]\nRUN echo hello $WHO && cat /copied\nEXPOSE 8069\nUSER odoo\n"
      ) {
        $0.buildArgs = ["WHO": "wörld"]
        // A step taken from the cache says nothing.
        $0.ignoresCache = true
      }
      #expect(log.contains("hello wörld\ncontent"))
      let tag = "odeum.test/\(sandbox.id):1"
      let image = try #require(try await engine.image(tag))
      #expect(image.id == id && image.user == "odoo" && image.exposedPorts == ["8069/tcp"])
      #expect(image.labels["odeum.test"] == sandbox.id)
      try await engine.tag(tag, as: "odeum.test/\(sandbox.id):2")
      try await engine.removeImage(tag)
      try await engine.removeImage(tag)
      #expect(try await engine.image("odeum.test/\(sandbox.id):2")?.id == id)
      #expect(try await engine.image(tag) == nil)
    }
  }

  @Test("a step that fails, and a Dockerfile that cannot be read, say why")
  func failingBuild() async throws {
    try await Sandbox.run { sandbox in
      let step = await #expect(throws: DockerError.self) {
        try await build(sandbox, "RUN echo oh no && exit 3\n")
      }
      guard case .buildFailed(let reason) = step, reason.contains("returned a non-zero code: 3") else {
        Issue.record("not a failed build: \(String(describing: step))")
        return
      }
      let syntax = await #expect(throws: DockerError.self) { try await build(sandbox, "NONSENSE\n") }
      guard case .buildFailed = syntax else {
        Issue.record("not a failed build: \(String(describing: syntax))")
        return
      }
      let image = try await sandbox.engine.image("odeum.test/\(sandbox.id):1")
      #expect(image == nil)
    }
  }

  @Test("a registry that does not answer is told as such")
  func pull() async throws {
    try await Sandbox.run { sandbox in
      let error = await #expect(throws: DockerError.self) {
        for try await _ in sandbox.engine.pull("127.0.0.1:1/odoo:19.0") {}
      }
      guard case .registryUnreachable("127.0.0.1:1/odoo:19.0", _) = error, error?.isTransient == true else {
        Issue.record("not unreachable: \(String(describing: error))")
        return
      }
    }
  }

  @Test("an image that a container has is not removed")
  func imageInUse() async throws {
    try await Sandbox.run { sandbox in
      _ = try await build(sandbox, "RUN echo x\n")
      let tag = "odeum.test/\(sandbox.id):1"
      var spec = sandbox.spec("true")
      spec.image = tag
      _ = try await sandbox.engine.createContainer(sandbox.name("a"), spec)
      let error = await #expect(throws: DockerError.self) { try await sandbox.engine.removeImage(tag) }
      guard case .inUse(.image, tag, _) = error else {
        Issue.record("not in use: \(String(describing: error))")
        return
      }
    }
  }
}
