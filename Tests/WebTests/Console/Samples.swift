import Foundation

#if canImport(Web)
  @testable import Web
#endif

/// A page of every kind, filled as it would be on a busy day. `WEB_PREVIEW=folder swift test --filter ConsolePages`
/// writes them out for looking at.
struct Sample {
  var name: String
  /// The name of the template.
  var template: String
  /// The values of page and frame, as the template gets them.
  nonisolated(unsafe) var values: [String: Any]
  var html: @Sendable (Templates, Theme) throws -> String

  init<P: ConsolePage & Sendable>(
    _ name: String, _ title: String, path: String, section: Section? = nil, events: String? = nil,
    narrow: Bool = false,
    flash: Flash? = nil, _ page: P
  ) {
    self.name = name
    template = P.template
    let frame = Frame(
      title, path: path, section: section,
      person: PersonView(email: "maria.lindqvist@example.org", role: "Owner", organisation: "Norrland Foods"),
      narrow: narrow, events: events, flash: flash)
    values = viewValues(frame).merging(viewValues(page)) { _, page in page }
    html = { templates, theme in
      let person = PersonView(
        email: "maria.lindqvist@example.org", role: "Owner", organisation: "Norrland Foods")
      let frame = Frame(
        title, path: path, section: section, person: person, theme: theme, narrow: narrow, events: events,
        flash: flash)
      return try templates.render(page, in: frame)
    }
  }

  static let now = Date(timeIntervalSince1970: 1_795_230_000)

  static func moment(_ secondsAgo: TimeInterval) -> Moment { Moment(now - secondsAgo, now: now) }

  static let all: [Sample] = gates + dashboards + instances + instance + jobs + servers + people + rest

  static let gates = [
    Sample("sign-in", "Sign in", path: "/sign-in", SignInPage(back: "/instances")),
    Sample(
      "sign-in-wrong", "Sign in", path: "/sign-in",
      SignInPage(
        back: "/",
        problem: ProblemView(
          message: "The address or the password is not right.",
          suggestion:
            "Try again; who runs the installation can make a new sign-in link with: odeumd admin link"))),
    Sample(
      "link", "Choose a password", path: "/link/x",
      LinkPage(
        usable: true, heading: "Choose a password", explanation: "You are signed in right after.",
        button: "Set password and sign in", email: "admin@example.org", token: "x", choosesPassword: true,
        expires: moment(-86_000))),
    Sample("link-over", "Link is over", path: "/link/x", LinkPage()),
    Sample("forgotten", "New password", path: "/sign-in", ForgottenPage(sendsMail: true)),
    Sample("forgotten-without-mail", "New password", path: "/sign-in", ForgottenPage(sendsMail: false)),
    Sample(
      "forgotten-asked", "New password", path: "/sign-in", ForgottenPage(sendsMail: true, isAsked: true)),
  ]

  static let create = ActionView(
    id: "new", label: "New instance", icon: "plus", style: "primary", href: "/new")

  static func choices(_ values: [String], selected: String = "") -> [ChoiceField.Choice] {
    values.map { .init(value: $0, label: $0, selected: $0 == selected) }
  }

  static func row(
    _ name: String, _ stage: String, _ look: String, _ text: String, reason: String? = nil,
    version: String = "19.0",
    server: String = "local", ago: TimeInterval
  ) -> InstancesPage.Row {
    .init(
      id: name, name: name, href: "/instances/\(name)", url: "http://127.0.0.1:10000",
      address: "127.0.0.1:10000",
      stage: stage, stageText: stage.capitalized, state: StateView(look: look, text: text), reason: reason,
      since: moment(ago), version: version, edition: "Community", server: server, openable: look == "running")
  }

  static let instances = [
    Sample(
      "instances-empty", "Instances", path: "/instances", section: .instances, events: "/events",
      InstancesPage(welcome: true, create: create)),
    Sample(
      "instances", "Instances", path: "/instances", section: .instances, events: "/events",
      flash: Flash(kind: .good, text: "demo is being stopped."),
      InstancesPage(
        create: create, stages: choices(["All stages", "Production", "Staging", "Dev"]),
        statuses: choices(["Every status", "Running", "Stopped", "Failed"]),
        rows: [
          row("demo", "dev", "busy", "Creating", reason: "Step 4 of 9: load the prepared database.", ago: 12),
          row("erp", "production", "running", "Running", ago: 86_400 * 41),
          row("erp-training", "staging", "running", "Running", server: "rack-2", ago: 7300),
          row("legacy", "staging", "stopped", "Stopped", version: "14.0", server: "rack-2", ago: 86_400 * 6),
          row(
            "module-lab", "dev", "failed", "Failed",
            reason: "Odoo ended with status 1 while it loaded the module “stock_extra”.", version: "18.0",
            ago: 640),
          row(
            "old-copy", "dev", "busy", "Removing", reason: "Removing its containers and data.",
            version: "17.0", ago: 3),
        ], shown: "6 instances", next: "/instances?cursor=x")),
    Sample(
      "new-instance", "New instance", path: "/new", section: .instances, narrow: true, newInstance(bad: false)
    ),
    Sample(
      "new-instance-bad", "New instance", path: "/new", section: .instances, narrow: true,
      newInstance(bad: true)),
    Sample(
      "created", "demo is being created", path: "/instances", section: .instances, events: "/events",
      narrow: true,
      CreatedPage(
        name: "demo", href: "/instances/demo", url: "http://127.0.0.1:10010", address: "127.0.0.1:10010",
        heading: "demo is being created", isReady: false, isUnderWay: true, password: "tR7vKmQzHk4NwPy2GxJc",
        notes: ["Ports 10000 to 10009 were skipped: something else listens on 10003."],
        job: steps, jobHref: "/jobs/1")),
    Sample(
      "created-not", "demo could not be created", path: "/instances/demo/created", section: .instances,
      narrow: true,
      CreatedPage(
        name: "demo", href: "/instances/demo", url: "http://127.0.0.1:10010", address: "127.0.0.1:10010",
        heading: "demo could not be created", isReady: false, isUnderWay: false,
        failure: ProblemView(message: "Odoo ended with status 1.", suggestion: "Remove it."), notes: [],
        job: steps, jobHref: "/jobs/1")),
  ]

  static func newInstance(bad: Bool) -> NewInstancePage {
    var page = NewInstancePage(
      key: "k",
      name: TextField(
        name: "name", label: "Name", value: bad ? "My Shop!" : "",
        hint: "Small letters, digits and hyphens, at most 40; it begins with a letter.", placeholder: "shop",
        autocomplete: "off", maximumLength: 40, required: true, focus: true),
      stage: ChoiceField(
        name: "stage", label: "Stage",
        choices: [
          .init(
            value: "production", label: "Production",
            hint: "A company works with it. It cannot be removed here.",
            selected: true, badge: true),
          .init(value: "staging", label: "Staging", hint: "A copy to try things on.", badge: true),
          .init(value: "dev", label: "Dev", hint: "Made to be thrown away.", badge: true),
        ]),
      version: ChoiceField(
        name: "version", label: "Version", choices: choices(["19.0", "18.0", "17.0", "14.0"])),
      edition: ChoiceField(
        name: "edition", label: "Edition", choices: choices(["Community", "Enterprise"])),
      modules: TextField(
        name: "modules", label: "Modules", value: bad ? "sale_management stok" : "",
        hint: "Technical names, with spaces between them. “base” is always there.",
        placeholder: "sale_management stock",
        optional: true),
      demo: CheckField(name: "demo", label: "Demo data", hint: "Sample customers, products and orders."),
      language: ChoiceField(
        name: "language", label: "Language", choices: choices(["English (US)", "Deutsch"])),
      country: ChoiceField(
        name: "country", label: "Country", choices: choices(["Not set", "Sweden"]), optional: true),
      server: ChoiceField(
        name: "server", label: "Server", hint: "“Chosen for you” takes the one with the most memory free.",
        choices: choices(["Chosen for you", "local: 19.2 GB of memory free", "rack-2: 6.1 GB of memory free"])
      ),
      advancedOpen: bad,
      port: .number(
        "basePort", "First port", value: "", placeholder: "next free",
        hint: "The first of ten in a row, from 10000 to 19990. A block that is taken is refused."),
      workers: .number("settings.workers", "Workers", value: "", placeholder: "advised"),
      workerMemory: .number(
        "settings.workerMemoryMB", "Memory of a worker", value: "", unit: "MB", placeholder: "2048"),
      cronThreads: .number("settings.cronThreads", "Cron threads", value: "", placeholder: "by stage"),
      autoRestart: ChoiceField(
        name: "settings.autoRestart", label: "Start again after a crash",
        choices: choices(["By stage", "Yes", "No"])),
      odooMemory: .number("settings.odoo.memoryMB", "Odoo", value: "", unit: "MB", placeholder: "0"),
      databaseMemory: .number(
        "settings.database.memoryMB", "Database", value: "", unit: "MB", placeholder: "0"),
      sources: ModuleSourcesField(
        "settings.customModules", hint: "Odoo finds them when it starts.", FormState()),
      odooConf: AreaField(
        name: "settings.odooConf", label: "Lines for odoo.conf", value: bad ? "[options]\nworkers = 4" : "",
        hint: "Lines such as limit_time_real = 1200; no section headers.",
        placeholder: "limit_time_real = 1200",
        optional: true))
    if bad {
      page.name.error =
        "“My Shop!” is no name for an instance: capital letters, spaces and “!” cannot be part of it."
      page.modules.error = "Odoo 19.0 has no module “stok”. Did you mean “stock”?"
      page.odooConf.error =
        "Line 1 is a section header ([options]); leave it out, every line goes into [options]."
      page.problem = ProblemView(
        message: "3 fields are not right.",
        fields: [
          .init(href: "#field-name", label: "Name", text: page.name.error ?? ""),
          .init(href: "#field-modules", label: "Modules", text: page.modules.error ?? ""),
          .init(
            href: "#field-settings-odooConf", label: "Lines for odoo.conf", text: page.odooConf.error ?? ""),
        ])
    }
    return page
  }
}
