import Foundation
import Jobs
import Testing

@testable import Hosting

/// What every store of the audit log does, in PostgreSQL and in memory.
@Suite("Stores of the audit log", .timeLimit(.minutes(2)))
struct AuditStoreTests {
  private func actor(in organisation: UUID) -> Actor {
    Actor(
      userID: UUID(), email: "ada@example.com", organisationID: organisation, organisationSlug: "example",
      role: .owner, isOperator: false, door: .api)
  }

  private func members(_ json: String?) throws -> [String: String]? {
    try json.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
  }

  @Test(
    "entries are found by what was done, to what and by whom, newest first", arguments: StoreKind.allCases)
  func found(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.audit
      let actor = actor(in: scene.organisation)
      let shop = UUID()
      func add(_ action: AuditAction, _ subject: UUID?, _ name: String, by actor: Actor) async throws {
        try await store.add(
          AuditNote(
            action: action, subject: AuditSubject("instance", subject, name), before: #"{"a":"1","b":"2"}"#,
            after: #"{"a":"1","b":"3"}"#, actor: actor), atOnce)
      }
      try await add(.createInstance, shop, "shop", by: actor)
      try await add(.restartInstanceHard, shop, "shop", by: actor)
      // In between, so that a number it takes would leave a gap.
      try await add(.addServer, UUID(), "another's", by: self.actor(in: UUID()))
      try await add(.addServer, UUID(), "web9", by: actor)
      func found(before: Int? = nil, limit: Int = 10, _ change: (inout AuditFilter) -> Void = { _ in })
        async throws -> [String]
      {
        var filter = AuditFilter()
        filter.organisation = scene.organisation
        change(&filter)
        return try await store.list(filter, before: before, limit: limit, atOnce).map(\.action)
      }
      #expect(try await found() == ["server.add", "instance.restart.hard", "instance.create"])
      #expect(try await found { $0.action = "instance" } == ["instance.restart.hard", "instance.create"])
      #expect(try await found { $0.action = "instance.restart" } == ["instance.restart.hard"])
      #expect(try await found { $0.subject = shop }.count == 2)
      #expect(try await found { $0.person = UUID() } == [])
      #expect(try await found { $0.search = "WEB" } == ["server.add"])
      #expect(try await found { $0.search = "nobody" } == [])
      #expect(try await found { $0.from = Date(timeIntervalSinceNow: 600) } == [])
      #expect(try await found(limit: 1) == ["server.add"])
      var filter = AuditFilter()
      filter.organisation = scene.organisation
      let entries = try await store.list(filter, before: nil, limit: 10, atOnce)
      #expect(entries.map(\.id) == [3, 2, 1])
      #expect(try await found(before: entries[1].id) == ["instance.create"])
      #expect(entries[2].who == "ada@example.com" && entries[2].door == "api")
      #expect(entries[2].subject == AuditSubject("instance", shop, "shop"))
      #expect(try members(entries[2].before) == ["b": "2"] && members(entries[2].after) == ["b": "3"])
    }
  }

  @Test("what was undone is not noted", arguments: StoreKind.allCases)
  func undone(kind: StoreKind) async throws {
    try await StoreScene.run(kind) { scene in
      let store = scene.stores.audit
      let actor = actor(in: scene.organisation)
      let note = AuditNote(
        action: .stopInstance, subject: AuditSubject("instance", UUID(), "shop"), before: nil,
        after: #"{"a":"1"}"#, actor: actor)
      await #expect(throws: CancellationError.self) {
        try await scene.transaction {
          try await store.add(note, $0)
          throw CancellationError()
        }
      }
      try await scene.transaction { try await store.add(note, $0) }
      var filter = AuditFilter()
      filter.organisation = scene.organisation
      let entries = try await store.list(filter, before: nil, limit: 10, atOnce)
      #expect(entries.map(\.id) == [1])
      #expect(try entries.map { try members($0.after) } == [["a": "1"]] && entries[0].before == nil)
    }
  }
}
