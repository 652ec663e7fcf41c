import Foundation
import Jobs
import Testing

@testable import Hosting

/// What every store that the watch of a server asks does, in PostgreSQL and in memory.
@Suite("Stores of the watch", .timeLimit(.minutes(2)))
struct WatchStoreTests {
  @Test(
    "the mark of a server changes with whatever a comparison depends on, and else stays",
    arguments: StoreKind.allCases)
  func marks(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let (stores, id) = (scene.stores, scene.server.id)
      var last = try #require(try await stores.watch.mark(of: id, atOnce))
      func changed(_ change: () async throws -> Void) async throws -> Bool {
        try await change()
        let mark = try #require(try await stores.watch.mark(of: id, atOnce))
        defer { last = mark }
        return mark != last
      }
      #expect(try await !changed {})
      #expect(
        try await !changed { _ = try await stores.watch.noteSeen(id, byDocker: true, facts: nil, atOnce) })
      #expect(try await stores.servers.get(id, atOnce)?.seenAt != nil)
      var facts = ServerFacts()
      facts.memoryAvailableMB = 5
      #expect(
        try await !changed { _ = try await stores.watch.noteSeen(id, byDocker: false, facts: facts, atOnce) })
      #expect(try await stores.servers.get(id, atOnce)?.facts.memoryAvailableMB == 5)
      let shop = try await scene.insert("shop")
      #expect(try await changed {})
      #expect(try await changed { try await stores.instances.setDesired(shop.id, .stopped, atOnce) })
      #expect(
        try await changed {
          try await stores.instances.setStatus(shop.id, .failed, reason: "Odoo ended.", job: nil, atOnce)
        })
      #expect(
        try await !changed {
          _ = try await stores.instances.correctStatus(
            shop.id, from: .running, to: .stopped, reason: "", atOnce)
        }, "what was not corrected has not changed")
      var job = UUID()
      #expect(try await changed { job = try await scene.makeActive(shop.id) })
      #expect(try await changed { try await scene.end(job) })
      #expect(try await changed { try await stores.servers.setMode(id, .draining, atOnce) })
      #expect(try await changed { try await stores.instances.bury(shop.id, atOnce) })
      #expect(try await stores.watch.mark(of: UUID(), atOnce) == nil)
      try await stores.servers.bury(id, atOnce)
      #expect(try await stores.watch.mark(of: id, atOnce) == nil)
    }
  }

  @Test("a server that is away is not seen by an answer that comes late", arguments: StoreKind.allCases)
  func away(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let (stores, id) = (scene.stores, scene.server.id)
      try await stores.absences.setAbsent(id, .unreachable, reason: "No route.")
      _ = try await stores.watch.noteSeen(id, byDocker: true, facts: nil, atOnce)
      #expect(try await stores.servers.get(id, atOnce)?.seenAt == nil)
    }
  }
}
