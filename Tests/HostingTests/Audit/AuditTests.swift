import Foundation
import Postgres
import Testing

@testable import Hosting

@Suite struct AuditTests {
  private func owner(_ hosting: Hosting) async throws -> Actor {
    var actor = try await hosting.person(Hosting.firstEmail)
    actor.door = .console
    actor.address = "192.0.2.7"
    return actor
  }

  /// Puts three entries in.
  private func fill(_ hosting: Hosting) async throws -> Actor {
    let actor = try await owner(hosting)
    for name in ["one", "two", "three"] {
      _ = try await hosting.createToken(name: name, expiresAt: nil, by: actor)
    }
    return actor
  }

  @Test func `an entry tells who, what, to what and from where`() async throws {
    try await withHosting { hosting in
      let actor = try await owner(hosting)
      let token = try await hosting.createToken(name: "deploy", expiresAt: nil, by: actor).token
      let entry = try #require(try await hosting.audit(page: PageRequest(), by: actor).items.first)
      #expect(entry.action == AuditAction.createToken.rawValue)
      #expect(entry.subject == AuditSubject("token", token.id, "deploy"))
      #expect(entry.who == Hosting.firstEmail)
      #expect(entry.person == actor.userID)
      #expect(entry.door == "console")
      #expect(entry.address == "192.0.2.7")
    }
  }

  @Test func `only what differs is kept of before and after`() async throws {
    try await withHosting { hosting in
      let actor = try await owner(hosting)
      try await hosting.note(
        .editServer, AuditSubject("server", nil, "a"), before: ["note": "old", "name": "a"],
        after: ["note": "new", "name": "a"], by: actor, atOnce)
      try await hosting.note(
        .addServer, AuditSubject("server", nil, "b"), after: ["name": "b"], by: actor, atOnce)
      let entries = try await hosting.audit(page: PageRequest(), by: actor).items
      #expect(entries[1].before == #"{"note": "old"}"#)
      #expect(entries[1].after == #"{"note": "new"}"#)
      #expect(entries[0].before == nil)
      #expect(entries[0].after == #"{"name": "b"}"#)
    }
  }

  @Test func `what did not happen is not noted`() async throws {
    try await withHosting { hosting in
      let actor = try await owner(hosting)
      await #expect(throws: CancellationError.self) {
        try await hosting.database.transaction { connection in
          try await hosting.note(.removeServer, AuditSubject("server", nil, "a"), by: actor, connection)
          throw CancellationError()
        }
      }
      #expect(try await hosting.audit(page: PageRequest(), by: actor).items.isEmpty)
      #expect(try await hosting.verifyAudit().id == 0)
    }
  }

  @Test func `entries made at the same time stand in one chain`() async throws {
    try await withHosting { hosting in
      let actor = try await owner(hosting)
      try await withThrowingTaskGroup { group in
        for number in 1...20 {
          group.addTask { _ = try await hosting.createToken(name: "\(number)", expiresAt: nil, by: actor) }
        }
        try await group.waitForAll()
      }
      #expect(try await hosting.verifyAudit().id == 20)
    }
  }

  @Test(
    arguments: [
      "update audit_log set who = 'somebody else'", "delete from audit_log", "truncate audit_log",
    ] as [SQL])
  func `the database refuses every change`(_ statement: SQL) async throws {
    try await withHosting { hosting in
      let actor = try await fill(hosting)
      await #expect(throws: PostgresError.self) { try await hosting.database.execute(statement) }
      #expect(try await hosting.audit(page: PageRequest(), by: actor).items.count == 3)
    }
  }

  @Test(
    arguments: [
      (["update audit_log set who = 'somebody else' where id = 2"], "entry 2 of the audit log is not what"),
      (
        [#"update audit_log set after = '{"expiresAt": 1}' where id = 1"#],
        "entry 1 of the audit log is not what"
      ),
      (
        ["update audit_log set at = at + interval '1 second' where id = 3"],
        "entry 3 of the audit log is not what"
      ),
      (["delete from audit_log where id = 2"], "entries 2 to 2 of the audit log are missing"),
      (
        ["delete from audit_log where id = 2", "update audit_log set id = 2 where id = 3"],
        "entry 2 of the audit log does not follow"
      ),
      (["update audit_log set number = 4 where id = 3"], "entry 3 of the audit log has another number"),
    ] as [([SQL], String)])
  func `whoever gets round the triggers is found out`(_ tampering: [SQL], _ message: String) async throws {
    try await withHosting { hosting in
      _ = try await fill(hosting)
      #expect(try await hosting.verifyAudit().id == 3)
      try await hosting.database.transaction { connection in
        try await connection.execute("alter table audit_log disable trigger user")
        for statement in tampering { try await connection.execute(statement) }
        try await connection.execute("alter table audit_log enable trigger user")
      }
      let error = await #expect(throws: AuditBroken.self) { try await hosting.verifyAudit() }
      #expect(error?.description.contains(message) == true)
    }
  }

  @Test func `a head that was noted elsewhere tells that the end was cut off`() async throws {
    try await withHosting { hosting in
      let actor = try await fill(hosting)
      let head = try await hosting.verifyAudit()
      #expect(try await hosting.verifyAudit(since: AuditHead(head.description)) == head)
      try await hosting.database.transaction { connection in
        try await connection.execute("alter table audit_log disable trigger user")
        try await connection.execute("delete from audit_log where id = 3")
        try await connection.execute("alter table audit_log enable trigger user")
      }
      #expect(try await hosting.verifyAudit().id == 2)
      await #expect(throws: AuditBroken.self) { try await hosting.verifyAudit(since: head) }
      // Nor does another entry in its place pass for it.
      _ = try await hosting.createToken(name: "instead", expiresAt: nil, by: actor)
      await #expect(throws: AuditBroken.self) { try await hosting.verifyAudit(since: head) }
    }
  }

  @Test func `a search finds by person, kind of action, thing and text, in pages`() async throws {
    try await withHosting { hosting in
      let actor = try await fill(hosting)
      var filter = AuditFilter()
      filter.search = "TWO"
      #expect(
        try await hosting.audit(filter, page: PageRequest(), by: actor).items.map(\.subject.name) == ["two"])
      filter = AuditFilter()
      filter.action = "token"
      let page = try await hosting.audit(filter, page: PageRequest(limit: 2), by: actor)
      #expect(page.items.map(\.subject.name) == ["three", "two"])
      let last = try await hosting.audit(
        filter, page: PageRequest(limit: 2, cursor: page.nextCursor), by: actor)
      #expect(last.items.map(\.subject.name) == ["one"])
      #expect(last.nextCursor == nil)
      filter.action = "tok"
      #expect(try await hosting.audit(filter, page: PageRequest(), by: actor).items.isEmpty)
      filter = AuditFilter()
      filter.person = UUID()
      #expect(try await hosting.audit(filter, page: PageRequest(), by: actor).items.isEmpty)
    }
  }

  @Test func `another organisation's entries do not exist, and a tester sees none`() async throws {
    try await withHosting { hosting in
      var actor = try await fill(hosting)
      actor.organisationID = UUID()
      #expect(try await hosting.audit(page: PageRequest(), by: actor).items.isEmpty)
      actor.role = .tester
      let error = await #expect(throws: HostingError.self) {
        try await hosting.audit(page: PageRequest(), by: actor)
      }
      #expect(error?.code == .forbidden)
    }
  }
}
