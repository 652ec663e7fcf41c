import Foundation

#if canImport(Web)
  @testable import Web
#endif

extension Sample {
  static func jobRows(subject: Bool) -> [JobRow] {
    func row(
      _ id: String, _ title: String, _ look: String, _ text: String, reason: String? = nil, ago: TimeInterval,
      took: TimeInterval?
    ) -> JobRow {
      JobRow(
        id: id, href: "/jobs/\(id)", title: title, subject: subject ? "erp" : nil,
        state: StateView(look: look, text: text), reason: reason, who: "maria.lindqvist@example.org",
        created: moment(ago), completed: took.map { moment(ago - $0) }, took: took.map(Moment.length))
    }
    return [
      row("5", "Restart (soft)", "busy", "Running", ago: 4, took: nil),
      row("4", "Change settings", "stopped", "Queued", ago: 30, took: nil),
      row(
        "3", "Stop", "failed", "Failed", reason: "The Docker engine of local did not answer for 60 s.",
        ago: 4000, took: 61),
      row("2", "Start", "succeeded", "Done", ago: 90_000, took: 2.4),
      row("1", "Create", "succeeded", "Done", ago: 86_400 * 12, took: 190),
    ]
  }

  static let steps = JobStepsView(
    state: StateView(look: "busy", text: "Running"),
    steps: [
      .init(name: "Reserve ports", look: "done", stateText: "done", icon: "check", took: "0.1 s"),
      .init(name: "Get the images", look: "done", stateText: "done", icon: "check", took: "4.2 s"),
      .init(name: "Make network and volumes", look: "done", stateText: "done", icon: "check", took: "0.3 s"),
      .init(
        name: "Load the prepared database", look: "running", stateText: "under way",
        progressText: "22 of 58 MB", percent: 38),
      .init(name: "Start PostgreSQL", look: "pending", stateText: "not begun"),
      .init(name: "Start Odoo", look: "pending", stateText: "not begun"),
      .init(name: "Wait until Odoo answers", look: "pending", stateText: "not begun"),
    ])

  static let jobs = [
    Sample(
      "jobs", "Jobs", path: "/jobs", section: .jobs, events: "/events",
      JobsPage(jobs: jobRows(subject: true), shown: "5 jobs")),
    Sample("job", "Create demo", path: "/jobs/1", section: .jobs, events: "/events", job(failed: false)),
    Sample("job-failed", "Create demo", path: "/jobs/1", section: .jobs, job(failed: true)),
  ]

  static func job(failed: Bool) -> JobPage {
    var steps = steps
    if failed {
      steps.state = StateView(look: "failed", text: "Failed")
      steps.steps[3] = .init(
        name: "Load the prepared database", look: "failed", stateText: "failed", icon: "x", took: "12 s")
    }
    return JobPage(
      crumbs: [
        .init(label: "Instances", href: "#"), .init(label: "demo", href: "#"),
        .init(label: "Queue", href: "#"),
      ],
      heading: "Create", state: steps.state, who: "maria.lindqvist@example.org", created: moment(24),
      took: failed ? "18 s" : nil,
      reason: failed ? "The disk of local has 3.1 GB free; a new instance needs 5 GB." : nil,
      reasonLook: "bad",
      suggestion: failed
        ? "Free some space or choose another server, then remove demo and create it again." : nil,
      actions: failed
        ? [] : [.init(id: "cancel", label: "Cancel", icon: "x", style: "warn", href: "#", dialog: true)],
      job: steps,
      terminal: TerminalView(
        label: "Log of the job", follows: true, action: "#", refresh: "#", refreshes: false, download: "#",
        lines: [
          .init(look: "step", text: "03:01:10  Reserve ports"),
          .init(look: "info", text: "03:01:10  Ports 10010 to 10019."),
          .init(look: "step", text: "03:01:10  Get the images"),
          .init(look: "info", text: "03:01:12  odoo:19.0 is here."),
          .init(
            look: "warning", text: "03:01:14  postgres:16 is newer in the registry; the one here is used."),
          .init(look: "step", text: "03:01:14  Load the prepared database"),
          .init(look: "info", text: "03:01:15  22 of 58 MB copied."),
        ], emptyText: "Nothing was logged yet.", updated: moment(1)))
  }

  static let reference = ReferencePage(
    about: [.init("Everything that the console does, by `GET` and others.")],
    groups: [
      .init(
        id: "group-instances", name: "Instances", about: .init("Odoo environments."),
        operations: [
          .init(
            id: "getInstance", method: "GET", look: "get", path: "/instances/{ref}", summary: "One instance",
            paragraphs: [.init("By name or id.")], permission: "See projects and instances (viewInstances)",
            parameters: [
              .init(
                name: "ref", place: "path", kind: .init(words: "text"), required: true,
                about: .init("Its name."))
            ], body: .init(words: "Instance", href: "#schema-Instance"),
            answers: [
              .init(
                status: "200", about: .init("The instance."),
                kind: .init(words: "Instance", href: "#schema-Instance"))
            ])
        ])
    ],
    schemas: [
      .init(
        id: "schema-Instance", name: "Instance", about: .init("An Odoo environment."),
        fields: [.init(name: "name", kind: .init(words: "text"), required: true, about: .init("Its name."))])
    ])

  static let rest = [
    Sample(
      "servers", "Servers", path: "/servers", section: .servers, events: "/events",
      ServersPage(servers: [
        card("local", look: "ready", text: "Ready", memory: 17_600, disk: 190_000),
        card(
          "rack-2", look: "failed", text: "Not reachable",
          trouble:
            "Three probes failed within 60 s: the connection to 10.0.0.7:22 was refused. Its instances keep their last state.",
          memory: 4100, disk: 231_000),
      ])),
    Sample("servers-none", "Servers", path: "/servers", section: .servers, ServersPage(servers: [])),
    Sample("reference", "HTTP API", path: "/api/v1", section: .account, reference),
    Sample("account", "Account", path: "/account", section: .account, narrow: true, account),
    Sample(
      "fault", "Not found", path: "/instances/shop", section: .instances,
      FaultPage(
        code: 404, heading: "Not here", message: "There is no instance “shop”.",
        suggestion: "List what there is; a name may have been mistyped, or the instance was removed.",
        back: "/instances")),
    Sample(
      "gate-fault", "Too many tries", path: "/sign-in",
      GateFaultPage(
        fault: FaultPage(
          code: 500, heading: "Something went wrong", message: "The control plane could not do this.",
          suggestion: "Try again in a moment.", incident: "c0ffee-42"))),
  ]

  static func card(
    _ name: String, look: String, text: String, trouble: String? = nil, memory: Int, disk: Int
  ) -> ServersPage.Card {
    .init(
      name: name, kind: name == "local" ? "This machine" : "SSH", state: StateView(look: look, text: text),
      trouble: trouble,
      gauges: [
        ServersPage.Gauge("Processor", used: 340, total: 800) { "\($0) of \($1) %" },
        ServersPage.Gauge("Memory", used: memory, total: 24_000) { "\($0 / 1000) of \($1 / 1000) GB used" },
        ServersPage.Gauge("Disk", used: disk, total: 250_000) { "\($0 / 1000) of \($1 / 1000) GB used" },
      ].compactMap(\.self),
      facts: [
        .init(label: "Instances", value: "4", href: "/instances"),
        .init(label: "System", value: "Debian GNU/Linux 12 (bookworm), 8 cores"),
        .init(label: "Docker", value: "28.2.2"),
        .init(label: "Looked at", value: "just now"),
      ])
  }

  static let account = AccountPage(
    secret: .init(name: "Backup script", secret: "odeum_bV3kqZlY0m1nXw7Rj2TtPq9sLhGf4DcAeUiOoKzMxNv"),
    tokens: [
      .init(name: "Backup script", made: moment(5), used: nil, ends: nil, revoke: "#"),
      .init(
        name: "Laptop", made: moment(86_400 * 40), used: moment(3000), ends: moment(-86_400 * 50),
        scopes: "Read logs", revoke: "#"
      ),
    ], key: "k",
    name: TextField(
      name: "name", label: "Name", hint: "What the token is for.", placeholder: "Backup script",
      autocomplete: "off",
      maximumLength: 100, required: true, plain: false),
    lifetime: ChoiceField(
      name: "lifetime", label: "Ends",
      choices: choices(["After 30 days", "After 90 days", "After a year", "Never"])),
    reach: AccountPage.reach,
    scopes: [CheckField(name: "scope.viewLogs", label: "Read logs", checked: true)])
}
