import Foundation
import Testing

@testable import Docker

@Suite("Networks, volumes, files and events of an engine, real and simulated", .timeLimit(.minutes(2)))
struct ObjectTests {
  @Test("a network's name is taken once, and it is removed once it is empty", arguments: EngineKind.allCases)
  func networks(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let name = sandbox.name("net")
      let id = try await engine.createNetwork(name, labels: sandbox.labels, internal: true)
      let error = await #expect(throws: DockerError.self) { _ = try await engine.createNetwork(name) }
      guard case .nameInUse(.network, name, _) = error else {
        Issue.record("not a taken name: \(String(describing: error))")
        return
      }
      let container = try await sandbox.running()
      try await engine.disconnect(container, from: "none")
      try await engine.connect(container, to: NetworkAttachment(name, aliases: ["db"]))
      try await engine.connect(container, to: NetworkAttachment(name, aliases: ["db"]))
      let network = try #require(try await engine.network(name))
      #expect(network.id == id && network.isInternal && network.endpoints.map(\.containerID) == [container])
      #expect(network.driver == "bridge" && !network.subnets.isEmpty)
      #expect(try await engine.networks(labels: ["odeum.test": sandbox.id]).map(\.id) == [id])
      let inUse = await #expect(throws: DockerError.self) { try await engine.removeNetwork(name) }
      guard case .inUse(.network, name, _) = inUse else {
        Issue.record("not in use: \(String(describing: inUse))")
        return
      }
      try await engine.disconnect(container, from: name)
      try await engine.disconnect(container, from: name)
      try await engine.removeNetwork(name)
      try await engine.removeNetwork(name)
      try await engine.disconnect(container, from: name)
      #expect(try await engine.network(name) == nil)
    }
  }

  @Test(
    "a network has the range that it is given, which no other one is given", arguments: EngineKind.allCases)
  func ranges(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let range = "198.51.100.16/28"
      let one = try await engine.createNetwork(sandbox.name("one"), labels: sandbox.labels, subnet: range)
      #expect(try await engine.network(one)?.subnets == [range])
      let error = await #expect(throws: DockerError.self) {
        _ = try await engine.createNetwork(sandbox.name("two"), labels: sandbox.labels, subnet: range)
      }
      guard case .rangeTaken = error else {
        Issue.record("not a taken range: \(String(describing: error))")
        return
      }
      #expect(try await engine.network(sandbox.name("two")) == nil)
      try await engine.removeNetwork(one)
      let two = try await engine.createNetwork(sandbox.name("two"), labels: sandbox.labels, subnet: range)
      try await engine.removeNetwork(two)
    }
  }

  @Test("containers find each other by alias on a network of their own")
  func aliases() async throws {
    try await Sandbox.run { sandbox in
      let network = try await sandbox.engine.createNetwork(sandbox.name("net"), labels: sandbox.labels)
      _ = try await sandbox.running("db") { $0.networks = [NetworkAttachment(network, aliases: ["db"])] }
      let other = try await sandbox.running("odoo") { $0.networks = [.init(network)] }
      let result = try await sandbox.engine.exec(other, ExecSpec(["nslookup", "db"]))
      #expect(result.isSuccess, "\(result.lastWords)")
    }
  }

  @Test(
    "a volume keeps files over containers, and is not removed while one has it",
    arguments: EngineKind.allCases)
  func volumes(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let name = sandbox.name("data")
      #expect(try await engine.volume(name) == nil)
      let volume = try await engine.createVolume(name, labels: sandbox.labels)
      #expect(try await engine.createVolume(name).name == name)
      #expect(try await engine.volume(name) == volume && volume.labels == sandbox.labels)
      #expect(try await engine.volumes(labels: ["odeum.test": sandbox.id]) == [volume])

      var spec = sandbox.spec("true")
      spec.mounts = [Mount(.volume(name), at: "/data")]
      let first = try await engine.createContainer(sandbox.name("a"), spec)
      try await engine.putFiles(
        first, at: "/data",
        [.folder("conf", mode: 0o750, uid: 101, gid: 101), ArchiveFile("conf/a", [1, 2, 3])])
      let inUse = await #expect(throws: DockerError.self) { try await engine.removeVolume(name) }
      guard case .inUse(.volume, name, _) = inUse else {
        Issue.record("not in use: \(String(describing: inUse))")
        return
      }
      try await engine.remove(first)
      let second = try await engine.createContainer(sandbox.name("b"), spec)
      let archive = try #require(try await engine.getArchive(second, "/data/conf"))
      #expect(archive.entries.map(\.name) == ["conf", "conf/a"])
      #expect(archive.entries[0].uid == 101 && archive.entries[0].mode == 0o750)
      #expect(archive.entries[1].bytes == [1, 2, 3])
      try await engine.remove(second)
      let bytes = try await engine.volumeSizes()[name]
      #expect((1..<2_000_000).contains(bytes ?? 0), "\(String(describing: bytes))")
      try await engine.removeVolume(name)
      try await engine.removeVolume(name)
      #expect(try await engine.volume(name) == nil)
    }
  }

  @Test("files keep bytes, owner and mode on the way into a container and out of it")
  func files() async throws {
    try await Sandbox.run { sandbox in
      let engine = sandbox.engine
      let id = try await sandbox.running()
      let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let long = String(repeating: "n", count: 140)
      try await engine.putFiles(
        id, at: "/etc",
        [ArchiveFile("odoo.conf", bytes, mode: 0o640, uid: 101, gid: 102), ArchiveFile(long, text: "long")])
      let stat = try await engine.exec(id, ExecSpec(["stat", "-c", "%u:%g %a %s", "/etc/odoo.conf"]))
      #expect(stat.text == "101:102 640 200000\n")
      #expect(try await engine.getArchive(id, "/etc/odoo.conf")?.entries.first?.bytes == bytes)
      #expect(try await engine.getArchive(id, "/etc/\(long)")?.entries.first?.name == long)
      #expect(try await engine.getArchive(id, "/etc/none") == nil)
      #expect(try await engine.getArchive("odeum-none", "/etc") == nil)
      await #expect(throws: DockerError.self) {
        _ = try await engine.getArchive(id, "/etc/odoo.conf", limit: 1000)
      }
      await #expect(throws: DockerError.notFound(what: .path, name: "\(id):/none")) {
        try await engine.putFiles(id, at: "/none", [ArchiveFile("a", [])])
      }
    }
  }

  @Test("what happens to the labelled is told, and to others is not", arguments: EngineKind.allCases)
  func events(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let since = Date()
      let id = try await engine.createContainer(sandbox.name("a"), sandbox.spec("exit 3"))
      let told = Task {
        var events: [EngineEvent] = []
        for try await event in engine.events(
          labels: ["odeum.test": sandbox.id], kinds: ["container"], since: since)
        {
          events.append(event)
          if event.action == "destroy" { break }
        }
        return events
      }
      try await engine.start(id)
      _ = try await engine.wait(id)
      try await engine.remove(id)
      let events = try await told.value
      #expect(events.map(\.action) == ["create", "start", "die", "destroy"])
      #expect(events.allSatisfy { $0.id == id && $0.kind == "container" })
      #expect(events[2].attributes["exitCode"] == "3")
    }
  }
}
