import Foundation
import Jobs

/// Backs the control plane up into the folder that this process was set to use.
struct BackUpInstallation: Job {
  typealias Context = UpkeepWork

  static let kind = "installation.backup"

  static let steps: [Step<Self>] = [
    Step("Write it and read it back", deadline: .seconds(4 * 3600)) { _, run, work in
      guard let backups = work.upkeep.backups else {
        throw HostingError(.conflict, "This process is set to make no backups.")
      }
      try run.checkpoint()
      let written = try await BackUpControlPlane(
        work.hosting.database, key: work.hosting.masterKey, version: work.upkeep.version
      ).write(to: .folder(backups.folder), keep: backups.kept)
      run.log("Wrote \(written.path), \(written.bytes) bytes, and found it whole.")
      for path in written.removed { run.log("Removed \(path).") }
      work.hosting.logger.notice(
        "The control plane was backed up", metadata: ["path": "\(written.path)", "bytes": "\(written.bytes)"])
      return .done
    }
  ]

  func finished(_ outcome: JobOutcome, _ work: UpkeepWork, _ transaction: any Transaction) async throws {
    guard case .failed(let reason) = outcome else { return }
    work.hosting.logger.error("The control plane could not be backed up: \(reason)")
  }
}
