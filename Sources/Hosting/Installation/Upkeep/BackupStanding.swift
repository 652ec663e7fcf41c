import Foundation
import Jobs
import Postgres

/// How the backups stand that the control plane makes of itself.
public struct BackupStanding: Sendable, Equatable {
  /// When the last one was found whole, as far as is remembered; nil: none was made yet.
  public var lastMade: Date?
  /// What is in the way of the newest one; nil: nothing.
  public var trouble: Trouble?

  /// Why there is no newer backup.
  public struct Trouble: Sendable, Equatable {
    /// One sentence.
    public var reason: String
    /// Since when.
    public var since: Date

    /// That reason since then.
    public init(reason: String, since: Date) {
      self.reason = reason
      self.since = since
    }
  }

  /// The last one that is whole, and what is in the way of a newer one.
  public init(lastMade: Date? = nil, trouble: Trouble? = nil) {
    self.lastMade = lastMade
    self.trouble = trouble
  }
}

extension BackupStanding {
  /// How long a backup may wait and last before it is told.
  private static let patience: TimeInterval = 3600

  /// - Parameters:
  ///   - newest: the job that was asked for last.
  ///   - made: the last one that succeeded.
  init(newest: JobRecord?, made: JobRecord?, now: Date) {
    lastMade = made?.finishedAt
    guard let newest else { return }
    switch newest.state {
    case .failed, .cancelled:
      trouble = Trouble(
        reason: newest.reason ?? "It was called off.", since: newest.finishedAt ?? newest.createdAt)
    case .queued, .running, .snoozed:
      guard now.timeIntervalSince(newest.createdAt) > Self.patience else { return }
      let reason =
        newest.startedAt == nil
        ? "No process of the control plane has begun with it: one must run on the machine of the server local, with ODEUM_BACKUP_TIMES set."
        : "It is not done yet: \(newest.reason ?? "it is still being written.")"
      trouble = Trouble(reason: reason, since: newest.createdAt)
    case .succeeded: break
    }
  }
}

extension Hosting {
  /// How the backups stand that the control plane makes of itself.
  ///
  /// - Throws: `HostingError` with code `forbidden` for whoever is no operator.
  public func backupStanding(by actor: Actor) async throws -> BackupStanding {
    try actor.requireOperator()
    func newest(_ states: [JobState]?) async throws -> JobRecord? {
      try await jobs.jobs(.init(kinds: [BackUpInstallation.kind], states: states), limit: 1).first
    }
    let now: Date = try await database.query("select now() as now")[0].get("now")
    return BackupStanding(newest: try await newest(nil), made: try await newest([.succeeded]), now: now)
  }
}
