import Foundation
import Testing

@testable import Hosting

/// What a server offers, and who relies on it.
@Suite("Servers offer folders", .timeLimit(.minutes(2))) struct SharedFoldersTests {
  private func offer(_ folders: [String], _ hosting: Hosting, by actor: Actor) async throws {
    var change = ServerChange()
    change.sharedFolders = folders
    _ = try await hosting.editServer("local", change, by: actor)
  }

  private func create(_ name: String, _ hosting: Hosting, by actor: Actor, addons: String? = nil) async throws
    -> Instance
  {
    var wish = NewInstance(name: name)
    wish.stage = "dev"
    wish.settings.sharedAddons = addons
    return try await hosting.createInstance(wish, idempotencyKey: nil, by: actor).instance
  }

  private func use(_ path: String, in name: String, _ hosting: Hosting, by actor: Actor) async throws {
    var change = SettingsChange()
    change.sharedAddons = path
    _ = try await hosting.changeSettings(of: name, change, by: actor)
  }

  @Test func `folders are kept and audited, and a change of something else leaves them`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      try await offer(["/srv/b", "/srv/a"], hosting, by: actor)
      var change = ServerChange()
      change.note = "rack 4"
      _ = try await hosting.editServer("local", change, by: actor)
      #expect(try await hosting.server("local", by: actor).sharedFolders.map(\.text) == ["/srv/a", "/srv/b"])
      let entries = try await hosting.audit(page: PageRequest(), by: actor).items
      #expect(entries.contains { "\($0.after)".contains("/srv/a") })
      let error = await #expect(throws: HostingError.self) {
        try await offer(["/etc", "/srv/../etc"], hosting, by: actor)
      }
      #expect(error?.fields.map(\.name) == ["sharedFolders", "sharedFolders"])
    }
  }

  @Test func `an instance uses a folder from its creation on, or later, and only one that is offered`()
    async throws
  {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      let early = await #expect(throws: HostingError.self) {
        _ = try await create("shop", hosting, by: actor, addons: "/srv/a")
      }
      #expect(early?.fields.map(\.name) == ["settings.sharedAddons"])
      try await offer(["/srv/a"], hosting, by: actor)
      let made = try await create("shop", hosting, by: actor, addons: "/srv/a/x")
      #expect(made.settings.sharedAddons?.text == "/srv/a/x")
      var change = SettingsChange()
      change.sharedAddons = "/srv/a"
      let preview = try await hosting.previewSettings(of: "shop", change, by: actor)
      #expect(preview.settings.sharedAddons?.text == "/srv/a")
      for path in ["/srv/ab", "/srv", "/etc"] {
        let error = await #expect(throws: HostingError.self) {
          try await use(path, in: "shop", hosting, by: actor)
        }
        #expect(error?.message.contains("It offers /srv/a.") == true)
      }
      try await use("", in: "shop", hosting, by: actor)
      #expect(try await hosting.instance("shop", by: actor).settings.sharedAddons == nil)
    }
  }

  @Test func `a folder is not taken back from those who want it, or have it in effect`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      try await offer(["/srv/a", "/srv/b"], hosting, by: actor)
      let shop = try await create("shop", hosting, by: actor, addons: "/srv/a/x")
      func refusal(_ folders: [String]) async -> HostingError? {
        await #expect(throws: HostingError.self) { try await offer(folders, hosting, by: actor) }
      }
      let error = await refusal(["/srv/b"])
      #expect(error?.code == .conflict && error?.message == "shop of local has shared addons from /srv/a/x.")
      #expect(error?.suggestion?.contains("odeum instance settings shop --shared-addons ''") == true)
      #expect(try await hosting.server("local", by: actor).sharedFolders.map(\.text) == ["/srv/a", "/srv/b"])
      // Another one that holds it will do.
      try await offer(["/srv/a/x"], hosting, by: actor)
      try await hosting.instanceStore.setApplied(shop.id, shop.settings, shop.circumstances, atOnce)
      try await use("", in: "shop", hosting, by: actor)
      #expect(await refusal([])?.code == .conflict, "Odoo still reads it")
      let off = try await hosting.instance("shop", by: actor)
      try await hosting.instanceStore.setApplied(shop.id, off.settings, off.circumstances, atOnce)
      // What is under way was begun with it.
      let job = try #require(off.activeJob)
      let given = GivenSettings(job: job, settings: shop.settings, circumstances: shop.circumstances)
      try await hosting.instanceStore.setGiven(shop.id, given, atOnce)
      #expect(await refusal([])?.code == .conflict, "an operation is to start Odoo with it")
      try await hosting.instanceStore.setGiven(shop.id, GivenSettings(off, to: job), atOnce)
      try await offer([], hosting, by: actor)
    }
  }

  @Test func `instances of others are counted and not named`() async throws {
    try await withHosting { hosting in
      let main = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: main)
      var globex = try await hosting.person(Hosting.firstEmail, in: "globex")
      var change = ServerChange()
      change.sharedWith = ["main", "globex"]
      change.sharedFolders = ["/srv/a"]
      _ = try await hosting.editServer("local", change, by: main)
      _ = try await create("secret", hosting, by: globex, addons: "/srv/a")
      func message() async -> String? {
        await #expect(throws: HostingError.self) { try await offer([], hosting, by: main) }?.message
      }
      #expect(await message() == "1 instance of local has shared addons from /srv/a.")
      _ = try await create("shop", hosting, by: main, addons: "/srv/a")
      #expect(await message() == "shop and 1 more instance of local have shared addons from /srv/a.")
      // Who only uses a server offers nothing on it.
      globex.isOperator = false
      let user = globex
      let error = await #expect(throws: HostingError.self) { try await offer(["/srv/x"], hosting, by: user) }
      #expect(error?.code == .forbidden)
      #expect(try await hosting.server("local", by: user).sharedFolders.map(\.text) == ["/srv/a"])
    }
  }
}
