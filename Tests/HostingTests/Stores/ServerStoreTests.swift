import Foundation
import Jobs
import Odoo
import Postgres
import Testing

@testable import Hosting

/// What every store of servers, and of what is on them, does, in PostgreSQL and in memory.
@Suite("Stores of servers", .timeLimit(.minutes(2)))
struct ServerStoreTests {
  @Test(
    "a name, an address and a machine are taken once, and free when a server is gone",
    arguments: StoreKind.allCases)
  func unique(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.servers
      func refusal(_ change: (inout Server) -> Void) async throws -> PostgresError? {
        var other = StoreScene.server("web2", of: scene.organisation)
        change(&other)
        return await #expect(throws: PostgresError.self) {
          try await store.insert(other, privateKey: Data([1]), atOnce)
        }
      }
      #expect(try await refusal { $0.name = "web1" }?.isUniqueViolation("servers_name") == true)
      let other = StoreScene.server("web2", of: scene.organisation)
      try await store.insert(other, privateKey: Data([7]), atOnce)
      let address = "web2.example.com"
      #expect(
        try await refusal {
          $0.name = "web3"
          $0.address = address
        }?.isUniqueViolation("servers_address") == true)
      // The operator's is one of its own: what others have is nothing to know.
      var operators = StoreScene.server("web2", of: scene.organisation)
      operators.organisationID = nil
      try await store.insert(operators, privateKey: Data([1]), atOnce)
      let found = try await store.find("web2", for: scene.organisation, isOperator: true, atOnce)
      #expect(found?.id == other.id)
      #expect(try await refusal { $0.organisationID = nil }?.isUniqueViolation("servers_name") == true)
      try await store.bury(operators.id, atOnce)
      #expect(try await store.privateKey(of: other.id, atOnce) == Data([7]))
      try await store.setMachine(scene.server.id, "abc", atOnce)
      let machine = await #expect(throws: PostgresError.self) {
        try await store.setMachine(other.id, "abc", atOnce)
      }
      #expect(machine?.isUniqueViolation("servers_machine") == true)
      #expect(try await store.server(withMachine: "abc", but: other.id, atOnce)?.name == "web1")
      #expect(try await store.server(withMachine: "abc", but: scene.server.id, atOnce) == nil)
      try await store.bury(scene.server.id, atOnce)
      #expect(try await store.get(scene.server.id, atOnce) == nil)
      #expect(try await store.names(of: [scene.server.id], atOnce) == [scene.server.id: "web1"])
      try await store.setMachine(other.id, "abc", atOnce)
      try await store.insert(
        StoreScene.server("web1", of: scene.organisation), privateKey: Data([1]), atOnce)
      await #expect(throws: HostingError.self) { try await store.hold(scene.server.id, atOnce) }
      try await store.hold(other.id, atOnce)
    }
  }

  @Test(
    "only who may use a server sees it, and only what was validated is used", arguments: StoreKind.allCases)
  func visible(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.servers
      func names(_ organisation: UUID, isOperator: Bool = false) async throws -> [String] {
        try await store.list(for: organisation, isOperator: isOperator, atOnce).map(\.name)
          .filter { $0 != "local" }
      }
      #expect(try await names(scene.organisation) == ["web1"])
      #expect(try await names(UUID(), isOperator: true).isEmpty)
      var shared = StoreScene.server("all", of: scene.organisation)
      shared.organisationID = nil
      try await store.insert(shared, privateKey: Data([1]), atOnce)
      #expect(try await names(scene.organisation) == ["web1"])
      #expect(try await names(UUID(), isOperator: true) == ["all"])
      try await store.setShares(shared.id, [scene.organisation], atOnce)
      #expect(try await names(scene.organisation) == ["all", "web1"])
      #expect(
        try await store.find("web1", for: scene.organisation, isOperator: false, atOnce)?.id
          == scene.server.id)
      #expect(try await !store.all(atOnce).contains { $0.name == "web1" })
      try await store.setValidated(scene.server.id, at: Date(), atOnce)
      try await store.setMode(scene.server.id, .draining, atOnce)
      let server = try #require(try await store.all(atOnce).first { $0.name == "web1" })
      #expect(server.mode == .draining && server.load.instances == 0)
      _ = try await scene.insert("shop")
      #expect(try await store.get(scene.server.id, atOnce)?.load.stages == [.dev: 1])
      try await store.update(server, privateKey: nil, isReachedAnew: true, atOnce)
      #expect(try await store.get(scene.server.id, atOnce)?.isUsable == false)
    }
  }

  @Test(
    "folders that a server offers are kept, whatever else of it is changed", arguments: StoreKind.allCases)
  func sharedFolders(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let (store, id) = (scene.stores.servers, scene.server.id)
      #expect(try await store.get(id, atOnce)?.sharedFolders == [])
      let folders = try ["/srv/a", "/srv/b"].map { try HostFolder($0, field: "") }
      let filestores = [try HostFolder("/mnt/nas", field: "")]
      try await store.setFolders(id, shared: folders, filestores: filestores, atOnce)
      // As somebody saw it before.
      try await store.update(scene.server, privateKey: nil, isReachedAnew: false, atOnce)
      #expect(try await store.get(id, atOnce)?.sharedFolders == folders)
      #expect(try await store.get(id, atOnce)?.filestoreFolders == filestores)
      #expect(
        try await store.find("web1", for: scene.organisation, isOperator: false, atOnce)?.sharedFolders
          == folders)
      var settings = try scene.instance("shop").settings
      settings.sharedAddons = folders[0]
      settings.externalFilestore = filestores[0]
      let shop = try await scene.insert("shop")
      #expect(try await scene.stores.instances.setSettings(shop.id, settings, expecting: 1, atOnce))
      #expect(try await scene.stores.instances.get(shop.id, atOnce)?.settings == settings)
      try await store.setFolders(id, shared: [], filestores: [], atOnce)
      #expect(try await store.get(id, atOnce)?.sharedFolders == [])
    }
  }

  @Test("what is away of a server is kept, and its instances are out of sight", arguments: StoreKind.allCases)
  func absence(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let (id, absences) = (scene.server.id, scene.stores.absences)
      let shop = try await scene.insert("shop")
      #expect(try await absences.known(of: id, atOnce) == .present)
      try await absences.setAbsent(id, .dockerDown, reason: "Docker is down.")
      #expect(try await absences.known(of: id, atOnce) == .absent(.dockerDown, reason: "Docker is down."))
      #expect(try await scene.stores.instances.get(shop.id, atOnce)?.outOfSight == "Docker is down.")
      #expect(try await scene.stores.servers.get(id, atOnce)?.status == .unavailable)
      var facts = ServerFacts()
      facts.cores = 3
      try await absences.setPresent(id, facts: facts)
      try await absences.setPresent(id, facts: nil)
      #expect(try await absences.known(of: id, atOnce) == .present)
      let server = try #require(try await scene.stores.servers.get(id, atOnce))
      #expect(server.facts.cores == 3 && server.status == .ready && server.seenAt != nil)
      let now = try #require(try await scene.stores.instances.get(shop.id, atOnce))
      #expect(now.outOfSight == nil && now.seenAt != nil)
    }
  }

  @Test(
    "one job makes a prepared database, and another one where that job has ended",
    arguments: StoreKind.allCases)
  func prepared(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.prepared
      let server = scene.server.id
      let prepared = try PreparedDatabase(
        version: .v19, origin: try scene.instance("shop").origin,
        images: ImageIDs(odoo: "sha256:1", database: "sha256:2"), installation: UUID())
      let first = try await scene.makeActive(UUID())
      let second = try await scene.makeActive(UUID())
      func claim(_ job: UUID) async throws -> PreparedDatabaseClaim {
        try await store.claim(prepared, on: server, job: job, atOnce)
      }
      #expect(try await claim(first) == .mine)
      #expect(try await claim(first) == .mine)
      #expect(try await claim(second) == .others)
      #expect(try await store.isMaking(prepared, on: server, job: first, atOnce))
      #expect(try await !store.isMaking(prepared, on: server, job: second, atOnce))
      try await scene.end(first)
      #expect(try await claim(second) == .mine)
      try await store.setReady(prepared, on: server, atOnce)
      #expect(try await claim(second) == .ready)
      #expect(try await !store.isMaking(prepared, on: server, job: second, atOnce))
      #expect(try await store.isKnown(prepared.key, on: server, atOnce))
      #expect(try await store.keys(on: server, atOnce) == [prepared.key])
      try await store.forget(prepared, on: server, atOnce)
      #expect(try await store.keys(on: server, atOnce).isEmpty)
    }
  }

  @Test(
    "strays are those of the last look, and folders those of the last look for folders",
    arguments: StoreKind.allCases)
  func strays(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.strays
      let server = scene.server.id
      let container = SeenThing(kind: .container, id: "c1", name: "old", labels: ["a": "b"])
      let folder = SeenThing(kind: .folder, id: "/x/1", name: "/x/1", labels: [:])
      try await store.note([container, folder], on: server, withFolders: true)
      let first = try await store.all(atOnce)
      #expect(first.map(\.thing).sorted() == ["/x/1", "c1"] && first.allSatisfy { $0.serverName == "web1" })
      try await store.note([container], on: server, withFolders: false)
      #expect(try await store.all(atOnce).map(\.id).sorted() == first.map(\.id).sorted())
      try await store.note([container], on: server, withFolders: true)
      let left = try #require(try await store.all(atOnce).first)
      #expect(left.kind == .container && left.labels == ["a": "b"])
      #expect(try await store.get(left.id, atOnce) != nil)
      try await store.forget(left.id, atOnce)
      #expect(try await store.all(atOnce).isEmpty)
    }
  }
}
