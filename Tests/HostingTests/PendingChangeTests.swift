import Foundation
import Odoo
import Testing

@testable import Hosting

/// An instance that runs as far as the database knows.
@Suite struct PendingChangeTests {
  private func withInstance(_ body: @Sendable (Hosting, Actor) async throws -> Void) async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      var wish = NewInstance(name: "shop")
      wish.stage = "dev"
      let made = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor).instance
      #expect(made.pendingChanges == [], "nothing waits before the first start")
      try await hosting.instanceStore.setApplied(
        made.id, made.settings, made.circumstances, atOnce)
      try await body(hosting, actor)
    }
  }

  @Test func `ports that are opened or closed are not told of the instances of the server, or stay told`()
    async throws
  {
    try await withInstance { hosting, actor in
      func pending() async throws -> [PendingChange] {
        try await hosting.instance("shop", by: actor).pendingChanges
      }
      #expect(try await pending() == [])
      var change = ServerChange()
      change.exposed = true
      let changed = try await hosting.editServer("local", change, by: actor)
      #expect(changed.notes == ["Its instances take that over with their next hard restart."])
      #expect(try await pending() == [.ports(open: true)])
      let instance = try await hosting.instance("shop", by: actor)
      #expect(instance.pendingRestart == .hard)
      #expect(!instance.portsAreOpen)
      // A soft restart leaves its containers, and so its ports, as they are.
      #expect(instance.circumstancesInEffect.exposed == false)
      try await hosting.instanceStore.setApplied(
        instance.id, instance.settings, instance.circumstances, atOnce)
      #expect(try await pending() == [])
      change.exposed = false
      _ = try await hosting.editServer("local", change, by: actor)
      #expect(try await pending() == [.ports(open: false)])
    }
  }

  @Test func `a stage that containers do not have yet is not told, or hides what settings wait for`()
    async throws
  {
    try await withInstance { hosting, actor in
      var settings = SettingsChange()
      settings.odooConf = "limit_request = 4321"
      _ = try await hosting.changeSettings(of: "shop", settings, by: actor)
      #expect(try await hosting.instance("shop", by: actor).pendingRestart == .soft)
      let moved = try await hosting.moveInstance("shop", to: .staging, by: actor)
      #expect(moved.pendingChanges == [.settings(.soft), .stage(.staging)])
      #expect(moved.pendingRestart == .hard)
      #expect(try await hosting.moveInstance("shop", to: .dev, by: actor).pendingRestart == .soft)
    }
  }

  @Test func `who looks at an instance is not told that its server opens its ports`() async throws {
    try await withInstance { hosting, actor in
      let announcer = Task { try await hosting.runAnnouncer() }
      defer { announcer.cancel() }
      var changes = try await hosting.changes(by: actor).makeAsyncIterator()
      let first = await changes.next()
      #expect(first == .everything)
      let id = try await hosting.instance("shop", by: actor).id
      var change = ServerChange()
      change.exposed = true
      _ = try await hosting.editServer("local", change, by: actor)
      while let told = await changes.next(), told != .instance(id) {}
    }
  }
}
