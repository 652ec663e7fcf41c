import ArgumentParser
import Foundation
import Hosting

extension Admin {
  /// The master key.
  struct Key: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the master key for the safe, or change it.", subcommands: [Export.self, Rotate.self])

    /// Prints the key.
    struct Export: AsyncParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Print the master key, after it was found to be that of the database.",
        discussion:
          "Works while the control plane runs. Whoever has the key and a backup can read every secret.")

      func run() async throws {
        try await withDatabase(.join, .shared) { premises, database, settings, logger in
          guard let key = try await premises.key(settings, for: database, logger: logger) else {
            throw Key.noInstallation
          }
          print(key.base64.reveal())
        }
      }
    }

    /// Changes the key.
    struct Rotate: AsyncParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Seal every secret under a new master key. The control plane must not run meanwhile.",
        discussion: """
          The new key is made and takes the place of master.key, the former one is kept as master.key.old. With \
          ODEUM_MASTER_KEY, the new key is that of ODEUM_NEW_MASTER_KEY. Killed at any moment, one of the two is \
          right for everything, and the next start finds out which.
          """)

      func run() async throws {
        try await withDatabase(.join, .alone) { premises, database, settings, logger in
          guard let key = try await premises.key(settings, for: database, logger: logger) else {
            throw Key.noInstallation
          }
          let given = try settings(Settings.newMasterKey)
          if try settings(Settings.masterKey).isEmpty {
            guard given.isEmpty else {
              throw HostingError(
                .invalid,
                "ODEUM_NEW_MASTER_KEY goes with ODEUM_MASTER_KEY, and the present key is in a file.",
                suggestion: "Unset ODEUM_NEW_MASTER_KEY: the new key is made for you.")
            }
            let file = premises.folder.masterKey
            let new = MasterKey()
            try file.prepare(new)
            let count: Int
            do {
              count = try await key.rotate(to: new, in: database)
            } catch {
              // Where the database can be asked, it says which key is right; else the next start asks it.
              _ = try? await premises.key(settings, for: database, logger: logger)
              throw error
            }
            try file.settle(on: new)
            tell("\(count) secrets are sealed under the new key in \(file.path).")
            tell("The former key is in \(file.oldPath): backups made until now open with that one only.")
            tell("Next: put the new key into your safe (odeumd admin key export), then start odeumd.")
          } else {
            guard !given.isEmpty else {
              throw HostingError(
                .invalid, "The present key comes from ODEUM_MASTER_KEY, and no new one is given.",
                suggestion: "Make one with: openssl rand -base64 32, and give it as ODEUM_NEW_MASTER_KEY.")
            }
            let count = try await key.rotate(to: MasterKey(base64: given), in: database)
            tell("\(count) secrets are sealed under the key of ODEUM_NEW_MASTER_KEY.")
            tell("Next: set ODEUM_MASTER_KEY to that key, unset ODEUM_NEW_MASTER_KEY, then start odeumd.")
            tell(
              "Keep the former key as long as backups made until now are kept: they open with that one only.")
          }
        }
      }
    }

    static var noInstallation: HostingError {
      HostingError(
        .notFound, "There is no control plane in the database, and so no master key.",
        suggestion: "Name the right database or data folder (DATABASE_URL, ODEUM_DATA).")
    }
  }
}
