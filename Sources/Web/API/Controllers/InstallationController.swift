import Client
import Hosting
import Hummingbird

/// The installation itself, for operators.
struct InstallationController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/installation", .operators) { _, context in
      let standing = try await hosting.backupStanding(by: context.actor)
      return try .json(API.Installation(id: hosting.installation, backups: .init(standing)))
    }
  }
}

extension API.Installation.Backups {
  fileprivate init(_ standing: BackupStanding) {
    self.init()
    lastMade = standing.lastMade
    trouble = standing.trouble?.reason
    troubleSince = standing.trouble?.since
  }
}
