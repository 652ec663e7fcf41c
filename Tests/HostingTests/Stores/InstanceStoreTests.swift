import Foundation
import Jobs
import Odoo
import Postgres
import Testing

@testable import Hosting

/// What every store of instances does, in PostgreSQL and in memory.
@Suite("Stores of instances", .timeLimit(.minutes(2)))
struct InstanceStoreTests {
  @Test(
    "a name and a block of ports are taken once, and free again behind a tombstone",
    arguments: StoreKind.allCases)
  func unique(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let first = try await scene.insert("shop")
      let name = await #expect(throws: PostgresError.self) {
        _ = try await scene.insert("shop", port: 10_010)
      }
      #expect(name?.isUniqueViolation("instances_name") == true)
      let port = await #expect(throws: PostgresError.self) { _ = try await scene.insert("other") }
      #expect(port?.isUniqueViolation("instances_port") == true)
      let second = try await scene.insert("other", port: 10_010)
      #expect(try await store.takenPorts(on: scene.server.id, atOnce) == [10_000, 10_010])
      let moved = await #expect(throws: PostgresError.self) {
        try await store.setBasePort(second.id, 10_000, atOnce)
      }
      #expect(moved?.isUniqueViolation("instances_port") == true)
      try await store.bury(first.id, atOnce)
      try await store.setBasePort(second.id, 10_000, atOnce)
      #expect(try await store.get(first.id, atOnce) == nil)
      #expect(try await store.all(on: scene.server.id, atOnce).map(\.name.text) == ["other"])
      let known = try await store.known(among: [first.id, second.id, UUID()], atOnce)
      #expect(
        known == [
          first.id: KnownInstance(name: "shop", server: scene.server.id, isRemoved: true),
          second.id: KnownInstance(name: "other", server: scene.server.id, isRemoved: false),
        ])
      _ = try await scene.insert("shop", port: 10_020)
    }
  }

  @Test("it is found by its name and its id, in its organisation only", arguments: StoreKind.allCases)
  func find(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let shop = try await scene.insert("shop")
      #expect(try await store.find("shop", in: scene.organisation, atOnce)?.id == shop.id)
      #expect(try await store.find(shop.id.uuidString, in: scene.organisation, atOnce)?.name.text == "shop")
      #expect(try await store.find("shop", in: UUID(), atOnce) == nil)
      #expect(try await store.find("none", in: scene.organisation, atOnce) == nil)
      let found = try #require(try await store.get(shop.id, atOnce))
      #expect(found.server == scene.server.reference && found.origin == shop.origin)
      #expect(found.settings == shop.settings && found.appliedSettings == nil && found.activeJob == nil)
    }
  }

  @Test("what is seen corrects a status only while nothing is under way", arguments: StoreKind.allCases)
  func correct(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let shop = try await scene.insert("shop")
      func correct(from: InstanceStatus, to: InstanceStatus) async throws -> Bool {
        try await store.correctStatus(shop.id, from: from, to: to, reason: "Was seen.", atOnce)
      }
      let job = try await scene.makeActive(shop.id)
      #expect(try await store.get(shop.id, atOnce)?.activeJob == job)
      try await store.setStatus(shop.id, .running, reason: "Answers.", job: job, atOnce)
      #expect(try await store.get(shop.id, atOnce)?.statusJob == job)
      #expect(try await !correct(from: .running, to: .failed))
      try await scene.end(job)
      #expect(try await !correct(from: .stopped, to: .failed))
      #expect(try await correct(from: .running, to: .failed))
      let now = try #require(try await store.get(shop.id, atOnce))
      #expect(now.status == .failed && now.statusReason == "Was seen." && now.statusJob == nil)
      #expect(now.activeJob == nil)
      try await store.setStatus(shop.id, .removing, reason: "Is being removed.", job: nil, atOnce)
      try await store.setStatusUnlessRemoving(shop.id, .running, reason: "Answers.", atOnce)
      #expect(try await store.get(shop.id, atOnce)?.status == .removing)
    }
  }

  @Test("settings are saved onto the revision that was seen", arguments: StoreKind.allCases)
  func settings(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let shop = try await scene.insert("shop")
      var settings = shop.settings
      settings.autoRestart.toggle()
      #expect(try await store.setSettings(shop.id, settings, expecting: 1, atOnce))
      #expect(try await !store.setSettings(shop.id, shop.settings, expecting: 1, atOnce))
      try await store.setApplied(shop.id, settings, shop.circumstances, atOnce)
      #expect(try await store.given(shop.id, atOnce) == nil)
      let given = GivenSettings(
        job: UUID(), settings: settings, circumstances: Circumstances(exposed: true, stage: .dev))
      try await store.setGiven(shop.id, given, atOnce)
      #expect(try await store.given(shop.id, atOnce) == given)
      let images = ImageIDs(odoo: "sha256:1", database: "sha256:2")
      #expect(try await store.images(of: shop.id, atOnce) == nil)
      try await store.setImages(shop.id, images, atOnce)
      try await store.setDesired(shop.id, .stopped, atOnce)
      try await store.setStage(shop.id, .staging, atOnce)
      let now = try #require(try await store.get(shop.id, atOnce))
      #expect(now.settings == settings && now.settingsRevision == 2 && now.appliedSettings == settings)
      #expect(now.desired == .stopped && now.stage == .staging)
      #expect(try await store.secrets(of: shop.id, atOnce)?.masterPassword == Data([2]))
      #expect(try await store.restored(on: scene.server.id, atOnce).isEmpty)
      try await store.forgetApplied(shop.id, atOnce)
      let forgotten = try #require(try await store.get(shop.id, atOnce))
      #expect(forgotten.appliedSettings == nil && forgotten.appliedCircumstances == nil)
      #expect(forgotten.settings == settings)
    }
  }

  @Test("images and code that do not work leave those in effect to go back to", arguments: StoreKind.allCases)
  func partsInEffect(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let shop = try await scene.insert("shop")
      func inEffect() async throws -> InstanceParts? {
        try await store.partsInEffect(on: scene.server.id, atOnce)[shop.id]
      }
      func kept(but instance: UUID? = nil) async throws -> Set<String> {
        let needs = try await store.packageNeeds(on: scene.server.id, but: instance, atOnce)
        return needs.reduce(into: []) { $0.formUnion($1.images) }
      }
      let former = ImageIDs(odoo: "1", database: "2", layered: .init(odoo: "3", database: "4"))
      try await store.setImages(shop.id, former, atOnce)
      #expect(try await inEffect() == InstanceParts(images: former, checkouts: []))
      try await store.setApplied(shop.id, shop.settings, shop.circumstances, atOnce)
      let next = ImageIDs(odoo: "1", database: "2", layered: .init(odoo: "5", database: "4"))
      try await store.setImages(shop.id, next, atOnce)
      #expect(try await inEffect() == InstanceParts(images: former, checkouts: []))
      #expect(try await kept() == ["3", "4", "5"])
      #expect(try await kept(but: UUID()) == ["3", "4", "5"])
      #expect(try await kept(but: shop.id).isEmpty)
      try await store.setApplied(shop.id, shop.settings, shop.circumstances, atOnce)
      #expect(try await inEffect()?.images == next)
      #expect(try await kept() == ["4", "5"])
      try await store.forgetApplied(shop.id, atOnce)
      try await store.setImages(shop.id, ImageIDs(odoo: "1", database: "2"), atOnce)
      #expect(try await kept().isEmpty)
      // What is wanted is known by its name before it is built.
      var wish = shop.settings
      wish.packages.python = ["iniconfig"]
      #expect(try await store.setSettings(shop.id, wish, expecting: 1, atOnce))
      #expect(try await kept() == [PackageRecipe(base: "1", debian: [], python: ["iniconfig"]).tag])
    }
  }

  @Test("what a transaction did that came to nothing is not there", arguments: StoreKind.allCases)
  func undone(kind: StoreKind) async throws {
    struct Nothing: Error {}
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let shop = try await scene.insert("shop")
      let other = try scene.instance("other", port: 10_010)
      await #expect(throws: Nothing.self) {
        try await scene.transaction { transaction in
          try await store.insert(other, sealed: StoreScene.sealed, transaction)
          try await store.setStatus(shop.id, .failed, reason: "No.", job: nil, transaction)
          try await store.bury(shop.id, transaction)
          #expect(try await store.get(shop.id, transaction) == nil)
          #expect(try await store.get(other.id, transaction) != nil)
          throw Nothing()
        }
      }
      #expect(try await store.get(shop.id, atOnce)?.status == .creating)
      #expect(try await store.get(other.id, atOnce) == nil)
      _ = try await scene.insert("other", port: 10_010)
    }
  }

  @Test("a list has what matches, by name, in pages", arguments: StoreKind.allCases)
  func list(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.instances
      let shop = try await scene.insert("shop")
      _ = try await scene.insert("blog", port: 10_010)
      let old = try await scene.insert("old-shop", port: 10_020)
      try await store.setStage(old.id, .production, atOnce)
      try await store.setStatus(old.id, .running, reason: "It answers.", job: nil, atOnce)
      func names(
        only ids: [UUID]? = nil, on server: UUID? = nil, stage: Stage? = nil, status: InstanceStatus? = nil,
        search: String? = nil, after: String? = nil, limit: Int = 10, in organisation: UUID? = nil
      ) async throws -> [String] {
        try await store.list(
          in: organisation ?? scene.organisation, only: ids, on: server, stage: stage, status: status,
          search: search, after: after, limit: limit, atOnce
        ).map(\.name.text)
      }
      #expect(try await names() == ["blog", "old-shop", "shop"])
      #expect(try await names(only: [shop.id, UUID()]) == ["shop"])
      #expect(try await names(on: scene.server.id, search: "shop") == ["old-shop", "shop"])
      #expect(try await names(on: UUID()).isEmpty)
      #expect(try await names(stage: .production) == ["old-shop"])
      #expect(try await names(status: .running) == ["old-shop"])
      #expect(try await names(search: "SHOP") == ["old-shop", "shop"])
      #expect(try await names(after: "blog", limit: 1) == ["old-shop"])
      #expect(try await names(in: UUID()).isEmpty)
      #expect(try await Set(store.identities(on: scene.server.id, atOnce)).count == 3)
      try await store.bury(shop.id, atOnce)
      #expect(try await names() == ["blog", "old-shop"])
    }
  }
}
