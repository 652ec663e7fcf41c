import ArgumentParser
import Foundation
import Hosting
import Logging

/// Restores the control plane from a backup.
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restore the control plane from a backup. It must not run meanwhile.",
    discussion: """
      Needs the master key from the time of the backup, as master.key in ODEUM_DATA or as ODEUM_MASTER_KEY. All or \
      nothing: killed at any moment, either the former state or the restored one is there. Servers are not touched; \
      what they have of the instances is taken over as it is when the control plane runs again.
      """)

  @Flag(help: "Discard the control plane that is in the database.")
  var replace = false

  @Flag(help: "Only try the backup out: leave the servers over SSH to the control plane that has them now.")
  var rehearse = false

  @Argument(help: "The file that odeumd backup wrote.")
  var file: String

  func run() async throws {
    let settings = Settings()
    var backup: RestoreControlPlane?
    // Before a database is made for it.
    try await tellingFailures {
      let keys = try Premises.keys(in: DataFolder(settings(Settings.data)), settings)
      backup = try await RestoreControlPlane(file, keys: keys, logger: Logger(label: "odeumd"))
    }
    guard let backup else { return }
    try await withDatabase(.own, .alone) { premises, database, _, _ in
      // It would be in the way of its own restore.
      await database.close()
      let restored = try await backup.run(
        into: premises.configuration, replacing: replace, rehearsing: rehearse)
      print(Self.summary(restored))
    }
  }

  static func summary(_ restored: RestoredControlPlane) -> String {
    var lines = ["Restored the control plane as it was at \(restored.manifest.moment)."]
    lines.append(
      counted(restored.instances, "instance")
        + ", taken over as the servers have them when the control plane runs again.")
    if restored.endedOperations > 0 {
      lines.append(
        counted(restored.endedOperations, "operation") + " of those under way then, ended and not resumed.")
    }
    lines.append("Everybody signs in anew.")
    if restored.tokens > 0 {
      lines.append(
        counted(restored.tokens, "API token") + ", good as they were then: revoke what was revoked since.")
    }
    for place in restored.damagedSecrets {
      lines.append("The secret \(place) does not open; it did not then either.")
    }
    lines.append("Next: start odeumd.")
    return lines.joined(separator: "\n")
  }

  private static func counted(_ count: Int, _ what: String) -> String {
    "\(count) \(what)\(count == 1 ? "" : "s")"
  }
}
