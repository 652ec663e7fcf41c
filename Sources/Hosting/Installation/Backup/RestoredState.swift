import Foundation
import Jobs
import Postgres

/// What has to be said in a database that was just restored: the servers have gone on since.
struct RestoredState: Sendable {
  let backup: Date
  let moment: String

  /// How the reason of every operation begins that was ended since the database was taken back.
  static let opening = "The control plane was restored from a backup of "

  init(from manifest: BackupManifest) {
    backup = manifest.createdAt
    moment = manifest.moment
  }

  /// Ends what was under way when the backup was made: it was done, or came to nothing, long ago, and doing it now
  /// could undo what people did since. Returns how many operations that were.
  func endOperations(_ connection: Connection) async throws -> Int {
    try await JobQueue.abandonAll(
      because:
        "\(Self.opening)\(moment), which was made while this was under way. "
        + "It was not resumed; ask for it again where it is still wanted.",
      // The one that made the backup is under way in it.
      forgetting: [BackUpInstallation.kind, TidyInstallation.kind],
      on: connection
    ).count
  }

  /// Marks every instance to be looked at, so that what its server has of it is taken over as it is. Returns how many
  /// instances there are.
  func markInstances(_ connection: Connection) async throws -> Int {
    try await connection.execute(
      """
      update instances set restored_from = \(backup), status_job = null, status_since = now(),
        status_reason = case
          when status = 'failed' then status_reason
          when status in ('running', 'stopped', 'sleeping') then
            \("The control plane was restored from a backup of \(moment); its server has not been looked at yet.")
          else \("The control plane was restored from a backup of \(moment), made while the instance was “")
            || status || '”; what was under way was not resumed.'
          end,
        status = case when status in ('running', 'stopped', 'sleeping', 'failed') then status else 'failed' end
      where removed_at is null
      """)
  }

  /// Makes the control plane that starts next the owner of the servers over SSH, whatever the former one's epochs had
  /// come to since the backup; or, for a rehearsal, has it leave them alone until each is validated.
  func claimServers(rehearsing: Bool, _ connection: Connection) async throws {
    guard !rehearsing else {
      try await connection.execute("update servers set validated_at = null where kind = 'ssh'")
      return
    }
    // An epoch rises by one each time: no former one has come this far. And the machine of the control plane is the one
    // on which it starts next.
    try await connection.execute("update job_lane set epoch = epoch + 1000000, machine = null")
  }
}
