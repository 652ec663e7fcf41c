import FoundationEssentials
import Testing

@testable import Hosting

/// What an instance goes through, with real Docker, PostgreSQL and Odoo.
@Suite(.serialized) struct LifecycleTests {
  @Test func `an instance is created, stopped, started and removed, and nothing of it is left`() async throws
  {
    try await withHosting { hosting in
      try await withWorker(hosting) {
        let actor = try await hosting.person(Hosting.firstEmail)
        var wish = NewInstance(name: "t" + UUID().uuidString.prefix(8).lowercased())
        wish.stage = "dev"
        wish.basePort = 15_000
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
        let runtime = await hosting.fleet.looking(at: instance.server)
        #expect(try await runtime.remains(of: instance.id).isEmpty)
        await #expect(throws: HostingError.self) { try await hosting.instance(wish.name, by: actor) }
      }
    }
  }
}
