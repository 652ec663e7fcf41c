import Foundation
import Jobs
import Postgres
import PostgresTesting
import Testing

@testable import Hosting

@Suite struct RestoreTests {
  @Test func `everything is back, but sessions and links`() async throws {
    try await BackupScene.with { scene in
      let hosting = scene.hosting
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60))
      let signedIn = try await hosting.useSignInLink(
        link.reveal(), newPassword: "correct horse", address: "", userAgent: "")
      let token = try await hosting.createToken(name: "ci", expiresAt: nil, by: signedIn.actor).secret
        .reveal()
      let unused = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .signIn, lifetime: .seconds(600)
      ).reveal()
      let shop = try await hosting.instance("shop", by: signedIn.actor)
      let file = try await scene.backUp().path
      try await withDatabase { target in
        let restored = try await BackupScene.restore(
          file, into: target.configuration, [MasterKey(), scene.key])
        #expect(restored.instances == 1)
        #expect(restored.endedOperations == 1)
        #expect(restored.tokens == 1)
        #expect(restored.damagedSecrets.isEmpty)
        #expect(try await BackupScene.remains(target).isEmpty)
        try await scene.opened(target.configuration) { again in
          #expect(again.installation == hosting.installation)
          #expect(try await again.actor(session: signedIn.token.reveal()) == nil)
          #expect(try await again.signInLink(unused) == nil)
          let actor = try #require(try await again.actor(apiToken: token))
          #expect(try await again.instance("shop", by: actor).id == shop.id)
          _ = try await again.signIn(
            email: Hosting.firstEmail, password: "correct horse", address: "", userAgent: "")
          let sealed = try #require(try await again.instanceStore.secrets(of: shop.id, atOnce))
          let before = try #require(try await hosting.instanceStore.secrets(of: shop.id, atOnce))
          #expect(
            try scene.key.open(sealed, of: shop.id).databasePassword
              == scene.key.open(before, of: shop.id).databasePassword)
        }
      }
    }
  }

  @Test func `what was under way then is ended with its reason, and nothing is taken up`() async throws {
    try await BackupScene.with { scene in
      let database = scene.hosting.database
      // One that waits, one that a worker was at, with a step begun.
      let running = UUID()
      try await database.execute("insert into job_worker (id, host, process) values (\(running), 'h', 1)")
      try await database.execute(
        """
        insert into job (id, kind, body, state, worker, started_at)
        values (\(running), 'instance.stop', '{}', 'running', \(running), now())
        """)
      try await database.execute(
        "insert into job_step (job, position, name, state) values (\(running), 0, 'Stop Odoo', 'running')")
      try await database.execute(
        "insert into job_log (job, seq, at, level, line) values (\(running), 1, now(), 'info', 'begun')")
      let waiting = UUID()
      try await database.execute(
        """
        insert into job (id, kind, body, waits_for) values (\(waiting), 'instance.start', '{}', \(running))
        """)
      let done = UUID()
      try await database.execute(
        """
        insert into job (id, kind, body, state, finished_at)
        values (\(done), 'instance.start', '{}', 'succeeded', now())
        """)
      let written = try await scene.backUp()
      try await withDatabase { target in
        let restored = try await BackupScene.restore(written.path, into: target.configuration, [scene.key])
        #expect(restored.endedOperations == 3)
        let reason =
          "The control plane was restored from a backup of \(written.manifest.moment), which was made while this was "
          + "under way. It was not resumed; ask for it again where it is still wanted."
        try await scene.opened(target.configuration) { again in
          let stop = try #require(try await again.jobs.job(running))
          #expect((stop.state, stop.reason) == (.failed, reason))
          #expect(try await again.jobs.steps(of: running).map(\.state) == [.failed])
          #expect(try await again.jobs.log(of: running).map(\.line) == ["begun", reason])
          let start = try #require(try await again.jobs.job(waiting))
          #expect((start.state, start.reason) == (.cancelled, reason))
          #expect(try await again.jobs.job(done)?.state == .succeeded)
          #expect(try await again.database.query("select from job_worker").isEmpty)
        }
        // The original goes on as it was.
        #expect(try await scene.hosting.jobs.job(running)?.state == .running)
      }
    }
  }

  @Test(arguments: [
    ("running", "running"), ("stopped", "stopped"), ("failed", "failed"), ("creating", "failed"),
    ("restarting", "failed"), ("removing", "failed"),
  ])
  func `an instance is marked to be looked at`(before: String, after: String) async throws {
    try await BackupScene.with { scene in
      try await scene.hosting.database.execute(
        "update instances set status = \(before), status_reason = 'Because.'")
      let written = try await scene.backUp()
      try await withDatabase { target in
        _ = try await BackupScene.restore(written.path, into: target.configuration, [scene.key])
        try await scene.opened(target.configuration) { again in
          let row = try await again.database.query(
            "select status, status_reason, status_job, restored_from from instances")[0]
          #expect(try row.get("status", as: String.self) == after)
          #expect(try row.get("status_job", as: UUID?.self) == nil)
          #expect(try row.get("restored_from", as: Date.self) == written.manifest.createdAt)
          let reason: String = try row.get("status_reason")
          if before == "failed" {
            #expect(reason == "Because.")
          } else {
            #expect(reason.hasPrefix("The control plane was restored from a backup of "))
            #expect(reason.contains("“\(before)”") == (after == "failed"))
          }
        }
      }
    }
  }

  @Test(arguments: [false, true])
  func `servers over SSH are taken from the former control plane, unless it is a rehearsal`(rehearsing: Bool)
    async throws
  {
    try await BackupScene.with { scene in
      try await scene.hosting.database.execute(
        """
        insert into servers (id, name, kind, address, ssh_user, public_key, private_key, host_keys, validated_at)
        values (\(UUID()), 'web1', 'ssh', 'web1.example.com', 'root', 'k', '\\x00', '["k"]', now())
        """)
      try await scene.hosting.database.execute("update job_lane set epoch = 7")
      let file = try await scene.backUp().path
      try await withDatabase { target in
        let restore = try await RestoreControlPlane(file, keys: [scene.key], logger: BackupScene.logger)
        let restored = try await restore.run(
          into: target.configuration, replacing: false, rehearsing: rehearsing)
        #expect(restored.damagedSecrets.count == 1, "this key was never sealed, and that is said")
        let row = try await target.query(
          "select l.epoch, s.validated_at from servers s join job_lane l on l.id = s.id where s.name = 'web1'"
        )[0]
        #expect(try row.get("epoch", as: Int.self) == (rehearsing ? 7 : 1_000_007))
        #expect(try (row.get("validated_at", as: Date?.self) == nil) == rehearsing)
      }
    }
  }

  @Test func `a control plane that is there gives way only when that is said`() async throws {
    try await BackupScene.with { scene in
      let file = try await scene.backUp().path
      try await withDatabase { target in
        let configuration = target.configuration
        _ = try await BackupScene.restore(file, into: configuration, [scene.key])
        try await scene.opened(configuration) { try await $0.database.execute("delete from instances") }
        let error = await #expect(throws: HostingError.self) {
          _ = try await BackupScene.restore(file, into: configuration, [scene.key])
        }
        #expect(error?.message == "There is a control plane in the database already, with 0 instances.")
        #expect(error?.suggestion?.contains("odeumd restore --replace FILE") == true)
        let still = try await scene.opened(configuration) {
          try await $0.database.query("select from instances").count
        }
        #expect(still == 0)
        _ = try await BackupScene.restore(file, into: configuration, [scene.key], replacing: true)
        let now = try await scene.opened(configuration) {
          try await $0.database.query("select from instances").count
        }
        #expect(now == 1)
        #expect(try await BackupScene.remains(target).isEmpty)
      }
    }
  }

  @Test func `what an earlier restore left when it was killed is removed`() async throws {
    try await BackupScene.with { scene in
      let file = try await scene.backUp().path
      let mark = scene.hosting.installation.uuidString.prefix(8).lowercased()
      try await withDatabase { target in
        let begin = target.configuration.database.prefix(30)
        for name in ["\(begin)_restoring_\(mark)", "\(begin)_replaced_\(mark)"] {
          try await maintenance(target) { try await $0.execute("create database \(identifier: name)") }
        }
        _ = try await BackupScene.restore(file, into: target.configuration, [scene.key])
        #expect(try await BackupScene.remains(target).isEmpty)
      }
    }
  }

  @Test func `a database that is in use is left alone`() async throws {
    try await BackupScene.with { scene in
      let file = try await scene.backUp().path
      try await withDatabase { target in
        _ = try await BackupScene.restore(file, into: target.configuration, [scene.key])
        try await target.withConnection { connection in
          try await connection.query("select 1")
          let error = await #expect(throws: HostingError.self) {
            _ = try await BackupScene.restore(file, into: target.configuration, [scene.key], replacing: true)
          }
          #expect(
            error?.message.hasPrefix("Something is connected to the control plane's database: odeum (")
              == true)
          #expect(try await connection.query("select from instances").count == 1)
        }
        #expect(try await BackupScene.remains(target).isEmpty)
      }
    }
  }

  @Test func `a database of somebody else is refused, whatever is said`() async throws {
    try await BackupScene.with { scene in
      let file = try await scene.backUp().path
      try await withDatabase { target in
        let other = Database(target.configuration, connections: 1, logger: BackupScene.logger)
        try await other.execute("create table books (title text)")
        await other.close()
        let error = await #expect(throws: HostingError.self) {
          _ = try await BackupScene.restore(file, into: target.configuration, [scene.key], replacing: true)
        }
        #expect(error?.message.hasSuffix("holds tables that are not of Odeum.") == true)
        #expect(try await target.query("select from books").isEmpty)
      }
    }
  }

  @Test func `a database that there is not is made`() async throws {
    try await BackupScene.with { scene in
      let file = try await scene.backUp().path
      try await withDatabase { target in
        let name = target.configuration.database
        try await maintenance(target) { try await $0.execute("drop database \(identifier: name)") }
        _ = try await BackupScene.restore(file, into: target.configuration, [scene.key])
        try await scene.opened(target.configuration) {
          #expect($0.installation == scene.hosting.installation)
        }
      }
    }
  }

  @Test func `a backup from before a change of the schema is brought up to date`() async throws {
    try await withDatabase(migrations: Schema.migrations.dropLast()) { old in
      let key = MasterKey()
      let id = UUID()
      try await old.execute(
        "insert into installation (id, master_key_check) values (\(id), \(key.checkValue(installation: id)))")
      let file = try await BackUpControlPlane(old, key: key, version: "0.0.1").write(
        to: .folder(temporaryFolder())
      ).path
      try await withDatabase { target in
        _ = try await BackupScene.restore(file, into: target.configuration, [key])
        #expect(
          try await target.query("select from schema_migration").count == Schema.migrations.count)
      }
    }
  }
}

/// Lends the server's own database.
private func maintenance(_ database: Database, _ body: (Database) async throws -> Int) async throws {
  var configuration = database.configuration
  configuration.database = "postgres"
  let maintenance = Database(configuration, connections: 1, logger: BackupScene.logger)
  _ = try await body(maintenance)
  await maintenance.close()
}
