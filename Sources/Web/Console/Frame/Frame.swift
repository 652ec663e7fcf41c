import Foundation

/// What stands around the content of every page.
struct Frame {
  /// The page's name, for the window and the list of open tabs.
  var title: String
  /// The address of this page, with its query: where forms come back to and from where live parts are fetched.
  var path: String
  /// `light` or `dark`, nil for what the system says.
  var theme: String?
  /// The choice of colours.
  var themes: [ThemeChoice]
  /// The main navigation.
  var navigation: [NavigationLink]
  /// Who is signed in, nil on pages for everybody.
  var person: PersonView?
  /// Whether the content is a form or a text, which reads badly when it is wide.
  var narrow: Bool
  /// The address of the page's event stream, nil where nothing on it is live.
  var events: String?
  /// What came of the request before this one.
  var flash: Flash?

  /// One way to colour the console.
  struct ThemeChoice {
    var value: String
    var label: String
    var icon: String
    var pressed: Bool
  }

  /// One entry of the main navigation.
  struct NavigationLink {
    var label: String
    var href: String
    var icon: String
    var current: Bool
  }
}

/// The sections of the console, as the main navigation has them.
enum Section: String, CaseIterable {
  case dashboard, instances, servers, jobs, people, audit, account

  var link: Frame.NavigationLink {
    switch self {
    case .dashboard: .init(label: "Home", href: "/", icon: "home", current: false)
    case .instances: .init(label: "Instances", href: "/instances", icon: "instance", current: false)
    case .servers: .init(label: "Servers", href: "/servers", icon: "server", current: false)
    case .jobs: .init(label: "Jobs", href: "/jobs", icon: "jobs", current: false)
    case .people: .init(label: "People", href: "/people", icon: "people", current: false)
    case .audit: .init(label: "Audit log", href: "/audit", icon: "audit", current: false)
    case .account: .init(label: "Account", href: "/account", icon: "account", current: false)
    }
  }
}

extension Frame {
  /// The frame of the page `title` at `path`, in `section`, for `person`.
  init(
    _ title: String, path: String, section: Section? = nil, person: PersonView? = nil, theme: Theme = .auto,
    sections: [Section] = Section.allCases, narrow: Bool = false, events: String? = nil, flash: Flash? = nil
  ) {
    self.title = title
    self.path = path
    self.theme = theme == .auto ? nil : theme.rawValue
    self.person = person
    self.narrow = narrow
    self.events = events
    self.flash = flash
    themes = [
      ThemeChoice(value: "auto", label: "As the system", icon: "system", pressed: theme == .auto),
      ThemeChoice(value: "light", label: "Light", icon: "sun", pressed: theme == .light),
      ThemeChoice(value: "dark", label: "Dark", icon: "moon", pressed: theme == .dark),
    ]
    navigation = sections.map { entry in
      var link = entry.link
      link.current = entry == section
      return link
    }
  }
}

/// The person who is signed in, as the frame names him.
struct PersonView {
  var email: String
  var role: String
  var organisation: String
  /// Whether there are other organisations for him.
  var hasOrganisations = false
}

extension PersonView: DerivesValues {
  var derived: [String: Any] { ["initial": String(email.prefix(1))] }
}

/// What a request did, said once on the page after it.
struct Flash: Codable, Equatable {
  /// The colour and sign of a message.
  enum Kind: String, Codable {
    case good, info, warn, bad
  }

  var kind: Kind
  var text: String
  var notes: [String] = []
  /// The job that does what was asked for. The pages of its instance then say how it goes on and how it ended, instead
  /// of the frame.
  var job: UUID?
}

extension Flash: DerivesValues {
  var derived: [String: Any] {
    let icon =
      switch kind {
      case .good: "check"
      case .info: "info"
      case .warn, .bad: "alert"
      }
    return ["icon": icon]
  }
}
