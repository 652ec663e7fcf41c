import Foundation
import Remote
import SimulatedDocker
import Testing

@testable import Docker

/// An engine and what one test makes in it: everything is labelled, and removed behind the test.
struct Sandbox {
  let engine: DockerEngine
  /// The engine where it is a simulated one.
  let simulated: SimulatedEngine?
  let id = "odeum-test-" + UUID().uuidString.lowercased()
  var labels: [String: String] { ["odeum.test": id] }

  /// A name of this test's own.
  func name(_ part: String) -> String { "\(id)-\(part)" }

  private init(_ kind: EngineKind) {
    switch kind {
    case .real:
      engine = DockerEngine()
      simulated = nil
    case .simulated:
      let simulated = SimulatedEngine(programs: ShellPrograms())
      simulated.load([
        SimulatedImage(
          TestImage.name, labels: ["odeum.test.image": "busybox"], environment: ["PATH=/bin"], size: 2_000_000
        )
      ])
      engine = DockerEngine(transport: simulated)
      self.simulated = simulated
    }
  }

  /// Runs a test with a sandbox. Fails, with what to do, where no engine answers.
  static func run(on kind: EngineKind = .real, _ test: (Sandbox) async throws -> Void) async throws {
    let sandbox = Sandbox(kind)
    if kind == .real { try await TestImage.ready.value }
    do {
      try await test(sandbox)
    } catch {
      try? await sandbox.clean()
      throw error
    }
    try await sandbox.clean()
  }

  /// The TCP ports of the host on which something listens.
  func listeningPorts() async throws -> Set<Int> {
    if let simulated { return simulated.publishedPorts }
    return try await LocalHost().listeningPorts()
  }

  /// A container of the test image that runs `script`.
  func spec(_ script: String) -> ContainerSpec {
    var spec = ContainerSpec(image: TestImage.name, command: ["sh", "-c", .init(script)])
    spec.labels = labels
    return spec
  }

  /// A container that runs and stays, until it is asked to stop.
  func running(_ part: String = "run", _ change: (inout ContainerSpec) -> Void = { _ in }) async throws
    -> String
  {
    var spec = spec("trap 'exit 0' TERM; while :; do sleep 0.1; done")
    change(&spec)
    let id = try await engine.createContainer(name(part), spec)
    try await engine.start(id)
    return id
  }

  private func clean() async throws {
    let selection: [String: String?] = ["odeum.test": id]
    for container in try await engine.containers(labels: selection) {
      try await engine.remove(container.id, force: true)
    }
    for network in try await engine.networks(labels: selection) { try await engine.removeNetwork(network.id) }
    for volume in try await engine.volumes(labels: selection) { try await engine.removeVolume(volume.name) }
    for image in try await engine.images(labels: selection) {
      try await engine.removeImage(image.id, force: true)
    }
  }
}

/// The image of all test containers: busybox and nothing else. It stays, so that later runs find it.
enum TestImage {
  static let name = "odeum.test/busybox:2"

  static let ready = Task {
    let engine = DockerEngine()
    try await engine.ping()
    guard try await engine.image(name) == nil else { return }
    guard let busybox = FileManager.default.contents(atPath: "/bin/busybox") else { throw BusyboxMissing() }
    let programs = [
      "cat", "chmod", "dd", "echo", "env", "false", "head", "id", "ls", "md5sum", "nslookup", "printf", "pwd",
      "sh",
      "sleep", "stat", "tail", "tr", "true", "wc", "yes",
    ]
    let archive = TarArchive(
      [.folder("bin"), .folder("tmp", mode: 0o1777), .folder("etc")]
        + [ArchiveFile("etc/passwd", text: "root:x:0:0::/:/bin/sh\nodoo:x:101:101::/:/bin/sh\n")]
        + [ArchiveFile("bin/busybox", Array(busybox), mode: 0o755)]
        + programs.map { .link("bin/\($0)", to: "busybox") })
    try await engine.importImage(
      archive, as: name, changes: ["ENV PATH=/bin", "LABEL odeum.test.image=busybox"])
  }

  struct BusyboxMissing: Error, CustomStringConvertible {
    let description =
      "/bin/busybox is missing, of which the test image is made: apt-get install busybox-static"
  }
}
