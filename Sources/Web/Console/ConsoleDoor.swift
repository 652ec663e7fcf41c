import Client
import Foundation
import Hosting
import Hummingbird

/// The web console: pages for people. It holds no rule; each page asks a use case and shows what it says.
struct ConsoleDoor: Door {
  let root = "/"
  let hasPages = true
  let elsewhere = "Check the address, or go on from the dashboard: it leads to instances, servers and jobs."
  let hosting: any ConsoleHosting
  let templates: Templates
  let assets: Assets
  /// Finds out who asks where no route has: on the page that tells of an error.
  let admission: Admission
  let heartbeat: Duration
  let isSecure: Bool
  let creations = Submissions<CreatedInstance>()
  let tokens = Submissions<CreatedToken>()
  let invitations = Submissions<CreatedInvitation>()

  var cookie: SessionCookie { admission.cookie }
  var outside: Outside { admission.outside }

  /// The console for `hosting`, with its templates and assets read from `files`.
  ///
  /// - Throws: `TemplateError` or `AssetError` where one cannot be used.
  init(
    hosting: any ConsoleHosting, admission: Admission, configuration: WebConfiguration,
    files: ConsoleFiles = .besideProgram
  ) throws {
    self.hosting = hosting
    self.admission = admission
    heartbeat = configuration.heartbeat
    isSecure = configuration.isSecure
    let assets = try Assets(directory: files.assets)
    self.assets = assets
    templates = try Templates(directory: files.templates) { assets.address($0) }
  }

  func addRoutes(to routes: Routes) {
    assets.addRoutes(to: routes)
    addSignInRoutes(to: routes)
    addInvitationRoutes(to: routes)
    addThemeRoutes(to: routes)
    addOrganisationRoutes(to: routes)
    addReferenceRoutes(to: routes)
    addOrganisationPages(to: routes.ofOrganisation())
  }

  /// What is about one organisation.
  private func addOrganisationPages(to routes: Routes) {
    addDashboardRoutes(to: routes)
    addInstanceRoutes(to: routes)
    addNewInstanceRoutes(to: routes)
    addInstanceActionRoutes(to: routes)
    addLogRoutes(to: routes)
    addMailRoutes(to: routes)
    addSettingsRoutes(to: routes)
    addJobRoutes(to: routes)
    addServerRoutes(to: routes)
    addPeopleRoutes(to: routes)
    addAuditRoutes(to: routes)
    addAccountRoutes(to: routes)
    addSecurityRoutes(to: routes)
    addEventRoutes(to: routes)
  }
}

/// Where the console's templates and assets are.
struct ConsoleFiles {
  var templates: URL
  var assets: URL

  /// Beside the program, where the package manager puts a target's resources.
  static var besideProgram: ConsoleFiles {
    let folder = Bundle.module.bundleURL
    return ConsoleFiles(
      templates: folder.appending(path: "Templates"), assets: folder.appending(path: "Assets"))
  }
}
