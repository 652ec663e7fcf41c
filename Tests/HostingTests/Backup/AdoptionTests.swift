import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Hosting

/// What the control plane makes of an instance that a restored database knows.
@Suite struct AdoptionTests {
  @Test(
    arguments: [
      // What the backup says; whether Odoo and its database run and Odoo answers; what is said, and whether it should run.
      (InstanceStatus.running, true, true, true, InstanceStatus.running, DesiredState.running),
      (.stopped, true, true, true, .running, .running), (.failed, true, true, true, .running, .running),
      (.running, true, true, false, .failed, .running), (.running, false, false, false, .stopped, .stopped),
      (.stopped, false, false, false, .stopped, .stopped), (.failed, false, false, false, .failed, nil),
      (.running, false, true, false, .failed, nil), (.running, true, nil, false, .failed, nil),
      (.running, nil, nil, false, .failed, nil), (.stopped, nil, nil, false, .failed, nil),
    ] as [(InstanceStatus, Bool?, Bool?, Bool, InstanceStatus, DesiredState?)])
  func `an instance is taken over as its server has it`(
    before: InstanceStatus, odoo: Bool?, database: Bool?, answers: Bool, after: InstanceStatus,
    desired: DesiredState?
  ) {
    let adoption = Adoption(from: before, odoo: odoo, database: database, answers: answers, server: "local")
    #expect(adoption.status == after)
    #expect(adoption.desired == desired)
    #expect(adoption.reason != nil || before == .failed)
  }

  @Test func `an instance that is not there any more says so`() {
    let adoption = Adoption(from: .running, odoo: nil, database: nil, answers: false, server: "mars")
    #expect(
      adoption.reason?.hasPrefix("mars has no container of it: it was removed after the backup") == true)
  }

  @Test func `an instance is adopted once, and one that answers counts as having lived`() async throws {
    try await Self.withRestored { hosting, id in
      let store = hosting.instanceStore
      let adoption = Adoption(from: .failed, odoo: true, database: true, answers: true, server: "local")
      #expect(try await store.adopt(id, adoption, atOnce))
      #expect(try await !store.adopt(id, adoption, atOnce))
      let instance = try #require(try await store.get(id, atOnce))
      #expect((instance.status, instance.desired, instance.statusReason) == (.running, .running, "Answers."))
      #expect(
        instance.appliedSettings == instance.settings, "else production could be removed as if it never lived"
      )
      #expect(try await store.restored(on: instance.server.id, atOnce).isEmpty)
    }
  }

  @Test func `what somebody asked for since the restore decides`() async throws {
    try await Self.withRestored { hosting, id in
      let job = UUID()
      try await hosting.database.execute(
        "insert into job (id, kind, body, subject) values (\(job), 'instance.stop', '{}', \(id))")
      try await hosting.database.execute(
        "update instances set status_job = \(job), status = 'stopped', desired = 'stopped'")
      let seen = Adoption(from: .running, odoo: true, database: true, answers: true, server: "local")
      #expect(try await !hosting.instanceStore.adopt(id, seen, atOnce))
      #expect(
        try await hosting.database.query("select from instances where restored_from is not null").count == 1)
      try await hosting.database.execute("update job set state = 'succeeded', finished_at = now()")
      #expect(try await !hosting.instanceStore.adopt(id, seen, atOnce))
      let instance = try #require(try await hosting.instanceStore.get(id, atOnce))
      #expect((instance.status, instance.desired) == (.stopped, .stopped))
      #expect(try await hosting.instanceStore.restored(on: instance.server.id, atOnce).isEmpty)
    }
  }

  /// An installation with one instance as a restore leaves it.
  static func withRestored(_ body: (Hosting, UUID) async throws -> Void) async throws {
    try await BackupScene.with { scene in
      let database = scene.hosting.database
      try await database.execute("update job set state = 'failed', reason = 'restored', finished_at = now()")
      try await database.execute(
        "update instances set restored_from = now(), status = 'failed', status_job = null, desired = 'running'"
      )
      try await body(scene.hosting, database.query("select id from instances")[0].get("id"))
    }
  }
}
