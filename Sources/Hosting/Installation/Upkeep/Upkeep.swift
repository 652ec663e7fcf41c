import Foundation
import Jobs

/// What the control plane does for itself at certain times of the day, as one process is set to do it.
public struct Upkeep: Sendable {
  /// When it backs itself up, where to, and how many backups stay there.
  public struct Backups: Sendable {
    /// When.
    public var times: DailyTimes
    /// The folder.
    public var folder: String
    /// How many backups of this installation stay in the folder.
    public var kept: Int

    /// Backups at `times` into `folder`, of which `kept` stay.
    public init(at times: DailyTimes, into folder: String, keeping kept: Int) {
      self.times = times
      self.folder = folder
      self.kept = kept
    }
  }

  /// The version of Odeum that is at work.
  public var version: String
  /// nil: it makes none by itself.
  public var backups: Backups?

  /// Upkeep by that version.
  public init(version: String, backups: Backups?) {
    self.version = version
    self.backups = backups
  }
}

/// What the jobs of upkeep work with.
struct UpkeepWork: Sendable {
  let hosting: Hosting
  let upkeep: Upkeep
}

extension UpkeepWork {
  /// When nobody is likely to work with it, and after the backup of the default setting, which then still has what is
  /// removed.
  private static let tidyTimes = DailyTimes("03:30")

  /// Adds the kinds of jobs that this process can do.
  func add(to kinds: inout JobKinds) {
    kinds.add(TidyInstallation.self, context: hosting)
    if upkeep.backups != nil { kinds.add(BackUpInstallation.self, context: self) }
  }

  /// The jobs for which this process asks by itself.
  func schedules() async throws -> [JobSchedule] {
    var schedules = [Self.tidyTimes.map { JobSchedule("tidy", at: $0) { TidyInstallation() } }]
    if let backups = upkeep.backups {
      // In the lane of the machine of the control plane: what is to be found in its folder must not be made elsewhere.
      let machine = try await hosting.serverStore.all(atOnce).first { $0.kind == .local }
      schedules.append(
        JobSchedule("backup", at: backups.times, lane: machine?.id) { BackUpInstallation() })
    }
    return schedules.compactMap(\.self)
  }
}
