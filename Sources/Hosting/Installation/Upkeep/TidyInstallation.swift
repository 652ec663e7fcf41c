import Jobs
import Postgres

/// Removes from the control plane's database what nobody asks for any more.
struct TidyInstallation: PlainJob {
  typealias Context = Hosting

  static let kind = "installation.tidy"

  /// How long jobs are kept after their end, with their steps and logs.
  static let jobsKept = Duration.seconds(90 * 86_400)
  /// As many at once, so that no transaction is in anybody's way.
  private static let batch = 500

  static let steps: [Step<Self>] = [
    Step("Remove what has expired", deadline: .seconds(600)) { _, run, hosting in
      for (table, condition) in expired {
        try run.checkpoint()
        let count = try await hosting.database.execute("delete from \(table) where \(condition)")
        if count > 0 { run.log("\(count) of \(table.text)") }
      }
      return .done
    },
    Step("Remove old jobs", deadline: .seconds(3600)) { _, run, hosting in
      var count = 0
      while true {
        try run.checkpoint()
        let removed = try await JobQueue.forget(
          endedFor: jobsKept, except: "select status_job from instances where status_job is not null",
          atMost: batch, in: hosting.database)
        count += removed
        if removed < batch { break }
      }
      if count > 0 { run.log("\(count) jobs that ended more than 90 days ago") }
      return .done
    },
  ]

  /// What can be used no more. Invitations are shown as expired for a while, to be sent again.
  private static let expired: [(table: SQL, condition: SQL)] = [
    ("sessions", "expires_at < now()"),
    ("sign_in_links", "expires_at < now()"),
    ("sign_in_challenges", "expires_at < now()"),
    ("sign_in_failures", "last_at < now() - interval '1 day'"),
    ("invitations", "expires_at < now() - interval '30 days'"),
    ("request_keys", "created_at < now() - interval '7 days'"),
  ]
}
