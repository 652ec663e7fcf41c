import Foundation
import Remote
import Testing

@testable import Docker

@Suite("Containers of an engine, real and simulated", .timeLimit(.minutes(2)))
struct ContainerTests {
  @Test(
    "a container is made, started, stopped and removed, and every step may be repeated",
    arguments: EngineKind.allCases)
  func lifecycle(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let name = sandbox.name("a")
      #expect(try await engine.container(name) == nil)
      var spec = sandbox.spec("trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done")
      spec.environment = ["GREETING": "hello"]
      let id = try await engine.createContainer(name, spec)
      var container = try #require(try await engine.container(name))
      #expect(container.id == id && container.name == name && container.state.status == .created)
      #expect(container.labels["odeum.test"] == sandbox.id)
      #expect(container.environment["GREETING"] == Secret("hello"))
      #expect(container.image == TestImage.name)

      try await engine.start(name)
      try await engine.start(id)
      container = try #require(try await engine.container(id))
      #expect(container.state.isRunning && container.state.startedAt != nil && container.state.pid != nil)

      // Before that, nothing is trapped.
      for try await _ in engine.logs(id, follow: true) { break }
      try await engine.stop(id, timeout: .seconds(20))
      try await engine.stop(id)
      container = try #require(try await engine.container(id))
      #expect(container.state.status == .exited && container.state.exitCode == 3)
      #expect(try await engine.wait(id) == 3)

      try await engine.restart(id)
      #expect(try await engine.container(id)?.state.isRunning == true)
      try await engine.kill(id)
      try await engine.kill(id)
      #expect(try await engine.wait(id) == 137)

      try await engine.remove(id)
      try await engine.remove(id)
      #expect(try await engine.container(id) == nil)
      try await engine.stop(id)
      try await engine.kill(id)
      await #expect(throws: DockerError.notFound(what: .container, name: id)) { try await engine.start(id) }
      await #expect(throws: DockerError.notFound(what: .container, name: id)) {
        _ = try await engine.wait(id)
      }
    }
  }

  @Test("labels select containers, with a value or with any", arguments: EngineKind.allCases)
  func labels(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      var spec = sandbox.spec("true")
      spec.labels["odeum.slug"] = "one, two=three"
      let id = try await sandbox.engine.createContainer(sandbox.name("a"), spec)
      let found = try await sandbox.engine.containers(
        labels: ["odeum.test": sandbox.id, "odeum.slug": "one, two=three"])
      #expect(found.map(\.id) == [id])
      #expect(found.first?.status == .created && found.first?.name == sandbox.name("a"))
      #expect(found.first?.labels["odeum.slug"] == "one, two=three")
      #expect(
        try await sandbox.engine.containers(labels: ["odeum.test": sandbox.id, "odeum.slug": nil]).count == 1)
      #expect(
        try await sandbox.engine.containers(labels: ["odeum.test": sandbox.id, "odeum.slug": "x"]).isEmpty)
      #expect(try await sandbox.engine.containers(labels: ["odeum.test": sandbox.id], all: false).isEmpty)
    }
  }

  @Test(
    "stopping sends the signal asked for, and kills what does not stop in time",
    arguments: EngineKind.allCases)
  func stopSignal(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      func ended(
        _ part: String, _ script: String, signal: String?, within timeout: Duration = .seconds(20)
      ) async throws -> Int {
        var spec = sandbox.spec("\(script); echo ready; while :; do sleep 0.05; done")
        spec.restartPolicy = .unlessStopped
        let id = try await engine.createContainer(sandbox.name(part), spec)
        try await engine.start(id)
        for try await _ in engine.logs(id, follow: true) { break }
        try await engine.stop(id, timeout: timeout, signal: signal)
        let state = try #require(try await engine.container(id)).state
        #expect(state.status == .exited)
        return state.exitCode
      }
      let interrupted = try await ended("int", "trap 'exit 5' INT; trap '' TERM", signal: "SIGINT")
      let deaf = try await ended(
        "deaf", "trap '' INT TERM", signal: "SIGINT", within: .seconds(1))
      let terminated = try await ended("term", "trap 'exit 6' TERM", signal: nil)
      #expect(interrupted == 5 && deaf == 137 && terminated == 6)
    }
  }

  @Test(
    "a taken name, a missing image and a taken port are each told by name", arguments: EngineKind.allCases)
  func refusals(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let name = sandbox.name("a")
      _ = try await engine.createContainer(name, sandbox.spec("true"))
      let taken = await #expect(throws: DockerError.self) {
        _ = try await engine.createContainer(name, sandbox.spec("true"))
      }
      guard case .nameInUse(.container, name, _) = taken else {
        Issue.record("not a taken name: \(String(describing: taken))")
        return
      }
      let missing = await #expect(throws: DockerError.self) {
        _ = try await engine.createContainer(sandbox.name("b"), ContainerSpec(image: "odeum.test/none:1"))
      }
      guard case .imageNotFound("odeum.test/none:1", _) = missing else {
        Issue.record("not a missing image: \(String(describing: missing))")
        return
      }
    }
  }

  @Test(
    "a port that somebody else listens on is named, and a free one leads to the container",
    arguments: EngineKind.allCases)
  func ports(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let network = try await engine.createNetwork(sandbox.name("net"), labels: sandbox.labels)
      let id = try await sandbox.running {
        $0.networks = [.init(network)]
        $0.portBindings = [PortBinding(8069, hostPort: nil)]
      }
      let binding = try #require(try await engine.container(id)?.ports.first)
      let port = try #require(binding.hostPort)
      #expect(binding == PortBinding(8069, hostPort: port))
      #expect(try await sandbox.listeningPorts().contains(port))
      var spec = sandbox.spec("true")
      spec.networks = [.init(network)]
      spec.portBindings = [PortBinding(80, hostPort: port)]
      let second = try await engine.createContainer(sandbox.name("second"), spec)
      let error = await #expect(throws: DockerError.self) { try await engine.start(second) }
      guard case .portInUse(port, _) = error else {
        Issue.record("not a taken port: \(String(describing: error))")
        return
      }
      #expect(error?.portInEnginesList == port)
      #expect(try await engine.containers(publishing: port).map(\.id) == [id])
      try await engine.remove(id, force: true)
      #expect(try await engine.containers(publishing: port).isEmpty)
    }
  }

  @Test("that a program in a container was ended for lack of memory is told and kept")
  func outOfMemory() async throws {
    try await Sandbox.run { sandbox in
      let since = Date()
      let id = try await sandbox.running { $0.limits.memory = 16 << 20 }
      // Another program than the first, since the engine may hear of that one's end before it hears of the reason; and
      // not before the start is answered, since until then the engine does not watch the memory.
      let ended = try await sandbox.engine.exec(id, ExecSpec(["sh", "-c", "tail /dev/zero"]))
      #expect(ended.exitCode == 137)
      for try await event in sandbox.engine.events(labels: ["odeum.test": sandbox.id], since: since)
      where event.action == "oom" {
        break
      }
      try await sandbox.engine.stop(id, timeout: .seconds(30))
      #expect(try await sandbox.engine.container(id)?.state.oomKilled == true)
    }
  }

  @Test("what a container was made from is what it has, and bounds can be changed while it runs")
  func settings() async throws {
    try await Sandbox.run { sandbox in
      let engine = sandbox.engine
      let volume = try await engine.createVolume(sandbox.name("data"), labels: sandbox.labels)
      let network = try await engine.createNetwork(sandbox.name("one"), labels: sandbox.labels)
      let other = try await engine.createNetwork(sandbox.name("two"), labels: sandbox.labels, internal: true)
      let limits = ContainerLimits(
        memory: 64 << 20, memoryReservation: 32 << 20, cpus: 0.5, cpuShares: 512, processes: 50)
      let id = try await sandbox.running {
        $0.networks = [
          NetworkAttachment(network, aliases: ["db"]), NetworkAttachment(other, aliases: ["mail"]),
        ]
        $0.mounts = [Mount(.volume(volume.name), at: "/data"), Mount(.tmpfs(size: 1 << 20), at: "/scratch")]
        $0.limits = limits
        $0.shmSize = 8 << 20
        $0.restartPolicy = .onFailure(maximum: 4)
        $0.user = "101:101"
        $0.hostname = "shop"
        $0.workingDirectory = "/tmp"
        $0.isReadOnly = true
        $0.usesInit = true
        $0.droppedCapabilities = ["ALL"]
        $0.healthcheck = Healthcheck(command: ["true"], interval: .milliseconds(200))
      }
      var container = try #require(try await engine.container(id))
      #expect(container.limits == limits)
      #expect(container.restartPolicy == .onFailure(maximum: 4))
      #expect(container.user == "101:101")
      #expect(container.mounts.contains(Mount(.volume(volume.name), at: "/data")))
      #expect(container.mounts.contains { $0.target == "/scratch" })
      #expect(Set(container.networks.keys) == [sandbox.name("one"), sandbox.name("two")])
      #expect(container.networks[sandbox.name("one")]?.aliases.contains("db") == true)
      #expect(container.networks[sandbox.name("two")]?.aliases.contains("mail") == true)
      #expect(container.networks.values.allSatisfy { $0.address != nil })

      let script =
        "id -u; pwd; cat /etc/hostname; touch /x 2>/dev/null || echo read-only; stat -c %s /dev/shm"
      let result = try await engine.exec(id, ExecSpec(["sh", "-c", .init(script)]))
      #expect(result.text?.hasPrefix("101\n/tmp\nshop\nread-only\n") == true, "\(result.lastWords)")

      try await engine.update(id, ContainerLimits(memory: 96 << 20), restartPolicy: .unlessStopped)
      container = try #require(try await engine.container(id))
      #expect(container.limits.memory == 96 << 20 && container.limits.cpuShares == 512)
      #expect(container.restartPolicy == .unlessStopped)

      while try await engine.container(id)?.state.health?.status != .healthy {
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  @Test("without a network named, a container has none", arguments: EngineKind.allCases)
  func noNetwork(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await sandbox.running()
      let container = try #require(try await sandbox.engine.container(id))
      #expect(container.networks["none"] != nil && container.networks["bridge"] == nil)
    }
  }

  @Test("a container whose second network does not exist is not left behind", arguments: EngineKind.allCases)
  func halfMade(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let network = try await sandbox.engine.createNetwork(sandbox.name("net"), labels: sandbox.labels)
      var spec = sandbox.spec("true")
      spec.networks = [.init(network), .init(sandbox.name("none"))]
      await #expect(throws: DockerError.notFound(what: .network, name: sandbox.name("none"))) {
        _ = try await sandbox.engine.createContainer(sandbox.name("a"), spec)
      }
      #expect(try await sandbox.engine.container(sandbox.name("a")) == nil)
    }
  }

  @Test("a container gets another name, and the same one again", arguments: EngineKind.allCases)
  func rename(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await sandbox.engine.createContainer(sandbox.name("a"), sandbox.spec("true"))
      try await sandbox.engine.rename(id, to: sandbox.name("b"))
      try await sandbox.engine.rename(id, to: sandbox.name("b"))
      #expect(try await sandbox.engine.container(sandbox.name("b"))?.id == id)
      #expect(try await sandbox.engine.container(sandbox.name("a")) == nil)
    }
  }

  @Test("a running container is not removed without force", arguments: EngineKind.allCases)
  func removeRunning(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let id = try await sandbox.running()
      let error = await #expect(throws: DockerError.self) { try await sandbox.engine.remove(id) }
      guard case .inUse(.container, id, _) = error else {
        Issue.record("not in use: \(String(describing: error))")
        return
      }
      try await sandbox.engine.remove(id, force: true)
      #expect(try await sandbox.engine.container(id) == nil)
    }
  }

  @Test(
    "two that remove the same container at once both succeed when it is gone", arguments: EngineKind.allCases)
  func removeTwice(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let id = try await sandbox.running()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { try await engine.remove(id, force: true) } }
        try await group.waitForAll()
      }
      #expect(try await engine.container(id) == nil)
    }
  }

  @Test(
    "more streams than a client's usual connections do not starve other calls", arguments: EngineKind.allCases
  )
  func manyStreams(on kind: EngineKind) async throws {
    try await Sandbox.run(on: kind) { sandbox in
      let engine = sandbox.engine
      let id = try await sandbox.running()
      await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<30 { group.addTask { _ = try await engine.wait(id) } }
        group.addTask {
          // Answered although 30 connections are taken.
          for _ in 0..<20 { #expect(try await engine.container(id)?.state.isRunning == true) }
          try await engine.kill(id)
        }
      }
    }
  }
}
