import Foundation
import Jobs
import Postgres
import PostgresTesting
import Testing

@testable import Hosting

/// What the control plane does for itself.
@Suite struct UpkeepTests {
  private func everyHour() throws -> DailyTimes {
    try #require(DailyTimes((0..<24).map { $0 < 10 ? "0\($0):00" : "\($0):00" }.joined(separator: " ")))
  }

  /// Runs as many workers as there are `upkeeps` beside `body`.
  private func withWorkers(_ hosting: Hosting, _ upkeeps: [Upkeep], _ body: () async throws -> Void)
    async throws
  {
    let workers = upkeeps.map { upkeep in
      Task {
        try await hosting.runWorker(
          operationsAtOnce: 2, identity: UUID().uuidString, holdsFolder: false, upkeep: upkeep)
      }
    }
    defer { for worker in workers { worker.cancel() } }
    try await body()
  }

  private func ended(_ hosting: Hosting) async throws -> [String: Int] {
    let rows = try await hosting.database.query(
      "select kind, count(*) as count from job where kind like 'installation.%' and finished_at is not null group by 1"
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.get("kind"), try $0.get("count")) })
  }

  @Test func `of several processes one makes the backup of each time, and what is there counts as made`()
    async throws
  {
    try await BackupScene.with { scene in
      let hosting = scene.hosting
      let actor = try await hosting.person(Hosting.firstEmail)
      #expect(try await hosting.backupStanding(by: actor) == BackupStanding())
      let upkeep = Upkeep(
        version: "9.9.9", backups: .init(at: try everyHour(), into: scene.folder, keeping: 14))
      try await withWorkers(hosting, [upkeep, upkeep, upkeep]) {
        try await eventually("it is backed up and tidied") {
          try await ended(hosting).count == 2
        }
      }
      let standing = try await hosting.backupStanding(by: actor)
      #expect(standing.lastMade != nil && standing.trouble == nil)
      // The hour may just have changed.
      let backups = try await hosting.database.query(
        "select from job where kind = \(BackUpInstallation.kind)"
      ).count
      #expect(try (1...2).contains(backups) && names(in: scene.folder).count == backups)
      let restored = try BackupPlace.folder(scene.folder).backups(of: hosting.installation)
      try await withDatabase { target in
        _ = try await BackupScene.restore(
          try #require(restored.first), into: target.configuration, [scene.key])
        let open = try await target.query(
          "select from job where kind = \(BackUpInstallation.kind) and state <> 'succeeded'")
        #expect(open.isEmpty, "the backup that was under way in it passes for one that failed")
      }
    }
  }

  @Test func `operators are told what is in the way of backups`() async throws {
    try await BackupScene.with { scene in
      let hosting = scene.hosting
      let actor = try await hosting.person(Hosting.firstEmail)
      func add(_ columns: String, age: Int) async throws {
        let id = UUID.v7()
        let parts = columns.split(separator: "|").map(String.init)
        try await hosting.database.execute(
          """
          insert into job (id, kind, body, state, reason, created_at, finished_at) values (
            \(id), \(BackUpInstallation.kind), '{}', \(parts[0]), \(parts.count > 1 ? parts[1] : nil),
            now() - make_interval(secs => \(Double(age))),
            case when \(parts[0]) in ('failed', 'succeeded') then now() - make_interval(secs => \(Double(age))) end)
          """)
      }
      try await add("succeeded", age: 90_000)
      try await add("failed|There is no room.", age: 7000)
      var standing = try await hosting.backupStanding(by: actor)
      #expect(standing.trouble?.reason == "There is no room." && standing.lastMade != nil)
      try await add("queued", age: 60)
      #expect(try await hosting.backupStanding(by: actor).trouble == nil, "it may yet be made")
      try await add("queued", age: 3700)
      standing = try await hosting.backupStanding(by: actor)
      #expect(standing.trouble?.reason.contains("ODEUM_BACKUP_TIMES") == true)
      try await add("succeeded", age: 1)
      #expect(try await hosting.backupStanding(by: actor).trouble == nil)

      var other = actor
      other.isOperator = false
      let refusal = await #expect(throws: HostingError.self) {
        _ = try await hosting.backupStanding(by: other)
      }
      #expect(refusal?.code == .forbidden)
    }
  }

  @Test func `what nobody asks for any more is removed, and nothing else`() async throws {
    try await BackupScene.with { scene in
      let hosting = scene.hosting
      let database = hosting.database
      try await database.execute(
        """
        insert into job (id, kind, body, state, created_at, finished_at, idempotency_key)
        select gen_random_uuid(), 'test', '{}', 'succeeded', now() - interval '100 days',
          now() - make_interval(days => case when n <= 1200 then 91 else 89 end), 'key ' || n
        from generate_series(1, 1210) n
        """)
      try await database.execute(
        "insert into job_log (job, seq, at, level, line) select id, 1, now(), 'info', 'x' from job where kind = 'test'"
      )
      // The job that made an instance what it is, is shown with it.
      try await database.execute(
        "update instances set status_job = (select id from job where idempotency_key = 'key 7')")
      // Asked for long ago, and still waiting.
      try await database.execute(
        "update job set created_at = now() - interval '200 days' where kind = 'instance.create'")
      try await database.execute(
        """
        insert into sign_in_links (token_hash, person_id, purpose, expires_at)
        select n::text::bytea, id, 'signIn', now() + make_interval(hours => n) from people, generate_series(-2, 2) n
        """)
      try await database.execute(
        """
        insert into sign_in_failures (key, failures, last_at)
        values ('old', 9, now() - interval '25 hours'), ('young', 9, now() - interval '23 hours')
        """)
      try await database.execute(
        """
        insert into invitations (id, token_hash, organisation_id, email, role, invited_by, expires_at)
        select gen_random_uuid(), n::text::bytea, o.id, n || '@example.org', 'viewer', 'x', now() - make_interval(days => n)
        from organisations o, generate_series(29, 31) n
        """)
      let upkeep = Upkeep(version: "9.9.9", backups: nil)
      try await withWorkers(hosting, [upkeep]) {
        try await eventually("it is tidied") { try await ended(hosting)[TidyInstallation.kind] != nil }
      }
      func count(_ table: SQL) async throws -> Int {
        try await database.query("select count(*) as n from \(table)")[0].get("n")
      }
      #expect(try await count("job where kind = 'test'") == 11)
      #expect(try await count("job_log where line = 'x'") == 11)
      #expect(try await count("job where idempotency_key = 'key 7'") == 1)
      #expect(try await count("job where kind = 'instance.create'") == 1)
      #expect(try await count("sign_in_links") == 2)
      #expect(try await count("sign_in_failures") == 1)
      #expect(try await count("invitations") == 1)
      #expect(try await ended(hosting)[BackUpInstallation.kind] == nil)
      #expect(try await count("job where kind = 'installation.tidy' and state = 'succeeded'") == 1)
    }
  }
}
