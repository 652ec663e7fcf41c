import Docker
import FoundationEssentials
import Logging
import PostgresTesting
import Remote
import Testing

@testable import Hosting

/// What an instance goes through, with real Docker, PostgreSQL and Odoo.
@Suite(.serialized) struct LifecycleTests {
  @Test func `an instance is created, stopped, started and removed, and nothing of it is left`() async throws
  {
    try await withHosting { hosting in
      try await working(hosting) {
        let actor = try await hosting.person(Hosting.firstEmail)
        var wish = NewInstance(name: "t" + UUID().uuidString.prefix(8).lowercased())
        wish.stage = "dev"
        let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor)
        #expect(try await end(of: created.operation, hosting, actor) == .succeeded)
        var instance = try await hosting.instance(wish.name, by: actor)
        #expect(instance.status == .running)
        #expect(instance.pendingRestart == .none)

        let stop = try await hosting.stopInstance(wish.name, by: actor)
        #expect(try await end(of: stop, hosting, actor) == .succeeded)
        let start = try await hosting.startInstance(wish.name, by: actor)
        #expect(try await end(of: start, hosting, actor) == .succeeded)
        let soft = try await hosting.restartInstance(wish.name, mode: .soft, by: actor)
        #expect(try await end(of: soft, hosting, actor) == .succeeded)
        let hard = try await hosting.restartInstance(wish.name, mode: .hard, by: actor)
        #expect(try await end(of: hard, hosting, actor) == .succeeded)
        instance = try await hosting.instance(wish.name, by: actor)

        let remove = try await hosting.removeInstance(wish.name, by: actor)
        #expect(try await end(of: remove, hosting, actor) == .succeeded)
        let runtime = await hosting.fleet.runtime(on: instance.server)
        #expect(try await runtime.remains(of: instance.id).isEmpty)
        await #expect(throws: HostingError.self) { try await hosting.instance(wish.name, by: actor) }
      }
    }
  }

  /// Runs a worker beside `body`, and takes everything of the installation away from Docker afterwards.
  private func working(_ hosting: Hosting, _ body: @Sendable () async throws -> Void) async throws {
    let worker = Task {
      try await hosting.runWorker(operationsAtOnce: 4, identity: UUID().uuidString, holdsFolder: true)
    }
    do {
      try await body()
    } catch {
      worker.cancel()
      try await cleanUp(hosting)
      throw error
    }
    worker.cancel()
    try await cleanUp(hosting)
  }

  private func cleanUp(_ hosting: Hosting) async throws {
    let engine = DockerEngine(socket: hosting.configuration.dockerSocket)
    let ours: [String: String?] = [Label.installation: hosting.installation.uuidString]
    for container in try await engine.containers(labels: ours) {
      try await engine.remove(container.id, force: true, volumes: true)
    }
    for volume in try await engine.volumes(labels: ours) { try await engine.removeVolume(volume.name) }
    for network in try await engine.networks(labels: ours) { try await engine.removeNetwork(network.id) }
  }

  private func end(of operation: Operation, _ hosting: Hosting, _ actor: Actor) async throws
    -> Operation.State
  {
    var last = operation
    for try await event in try await hosting.followOperation(operation.id, by: actor) {
      switch event {
      case .log(let line): print("    \(line.step ?? "-"): \(line.text)")
      case .changed(let operation): last = operation
      }
    }
    if let reason = last.reason { print("    \(last.kind) \(last.state.rawValue): \(reason)") }
    return last.state
  }
}
