import Docker
import FoundationEssentials
import PostgresTesting
import Testing

@testable import Hosting

/// The watcher beside a real Odoo and a worker.
@Suite(.serialized) struct OdooWatchTests {
  @Test func `what Odeum made is told to differ, or what went down with Docker does not come back`()
    async throws
  {
    try await withHosting { hosting in
      try await withWorker(hosting) {
        let watch = ServerWatch(
          of: try await hosting.serverStore.all(atOnce)[0], under: 1, hosting, .quick)
        try await watch.look()
        let actor = try await hosting.person(Hosting.firstEmail)
        var wish = NewInstance(name: "t" + UUID().uuidString.prefix(8).lowercased())
        wish.stage = "dev"
        wish.basePort = 15_200
        wish.settings.workers = 0
        wish.settings.odoo.memoryMB = 2_500
        wish.settings.odoo.memoryReservationMB = 200
        let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor)
        #expect(try await end(of: created.operation, hosting, actor) == .succeeded)
        try await watch.look()
        var instance = try await hosting.instance(wish.name, by: actor)
        #expect(instance.drift == [])
        #expect(instance.status == .running)

        // As a restart of Docker would: Odoo ends, and Docker starts only PostgreSQL again.
        let names = PartNames(slug: wish.name)
        let engine = await hosting.fleet.looking(at: instance.server).engine
        try await engine.kill(names.odoo)
        try await engine.restart(names.database)
        try await watch.look()
        let job = try #require(try await hosting.instance(wish.name, by: actor).activeJob)
        #expect(try await end(of: hosting.operation(job, by: actor), hosting, actor) == .succeeded)
        instance = try await hosting.instance(wish.name, by: actor)
        #expect(instance.status == .running)

        // Where only Odoo ends, it was no restart, and nobody asked for it to be started.
        try await engine.kill(names.odoo)
        try await watch.look()
        instance = try await hosting.instance(wish.name, by: actor)
        #expect(instance.status == .failed)
        #expect(instance.activeJob == nil)
        try await engine.start(names.odoo)
        try await eventually("it is seen to answer") {
          try await watch.look()
          return try await hosting.instance(wish.name, by: actor).status == .running
        }

        try await engine.remove(names.odoo, force: true)
        try await engine.remove(names.database, force: true)
        try await engine.removeNetwork(names.network)
        try await watch.look()
        #expect(try await hosting.instance(wish.name, by: actor).status == .failed)
        let hard = try await hosting.restartInstance(wish.name, mode: .hard, by: actor)
        #expect(try await end(of: hard, hosting, actor) == .succeeded)
        try await watch.look()
        #expect(try await hosting.instance(wish.name, by: actor).drift == [])
      }
    }
  }
}
