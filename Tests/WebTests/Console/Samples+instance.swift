import Foundation
import Hosting

#if canImport(Web)
  @testable import Web
#endif

extension Sample {
  static func header(_ tab: String, look: String = "running", production: Bool = true) -> InstanceHeader {
    let busy = look == "busy"
    let failed = look == "failed"
    return InstanceHeader(
      name: production ? "erp" : "demo", stage: production ? "production" : "dev",
      stageText: production ? "Production" : "Dev",
      state: StateView(
        look: look == "unseen" ? "running" : look, text: busy ? "Creating" : failed ? "Failed" : "Running"),
      reason: busy
        ? "It is being made."
        : failed
          ? "Odoo ended with status 1 while it loaded the module “stock_extra”."
          : "It answers at its address.",
      since: moment(busy ? 20 : 86_400 * 3), jobHref: "/jobs/1", url: "http://127.0.0.1:10000",
      address: "http://127.0.0.1:10000", version: "19.0", edition: "Community", server: "local",
      actions: [
        .init(
          id: "open", label: "Open", icon: "open", style: "primary", href: "http://127.0.0.1:10000",
          newTab: true),
        .init(id: "restart", label: "Restart", icon: "restart", href: "/instances/erp/restart", dialog: true),
        .init(
          id: "stop", label: "Stop", icon: "stop", style: "warn", href: "/instances/erp/stop", dialog: true),
        .init(
          id: "remove", label: "Remove", icon: "trash", style: "danger", href: "/instances/erp/remove",
          dialog: true,
          refused: production
            ? "A production instance cannot be removed. Move it to another stage first." : nil),
      ],
      work: busy
        ? .init(
          title: "Create instance", step: "Load the prepared database", count: "Step 4 of 9", percent: 38,
          href: "/jobs/1")
        : nil,
      told: tab == "overview" && !failed
        ? .init(flash: Flash(kind: .good, text: "erp is restarted.", notes: ["So it is."]), job: "1") : nil,
      failure: failed
        ? .init(
          title: "The hard restart failed.", reason: "Odoo ended with status 1.", since: moment(20),
          href: "/jobs/1") : nil,
      pending: tab == "settings"
        ? .init(
          title: "Saved settings wait for a hard restart.",
          text: "Limits of a container take effect when it is made anew.", href: "/instances/erp/restart")
        : nil,
      outOfSight: look == "unseen"
        ? .init(
          reason: "Docker on local is down. The Docker engine does not answer at /var/run/docker.sock.",
          seen: moment(300))
        : nil,
      tabs: [
        .init(id: "tab-overview", label: "Overview", icon: "instance", href: "#", current: tab == "overview"),
        .init(
          id: "tab-queue", label: "Queue", icon: "jobs", href: "#", current: tab == "queue",
          count: busy ? 1 : nil),
        .init(id: "tab-logs", label: "Logs", icon: "terminal", href: "#", current: tab == "logs"),
        .init(id: "tab-mail", label: "Mail", icon: "mail", href: "#", current: tab == "mail"),
        .init(id: "tab-settings", label: "Settings", icon: "settings", href: "#", current: tab == "settings"),
      ])
  }

  static func overview(_ look: String, production: Bool = true) -> OverviewPage {
    func copy(_ text: String, _ what: String) -> CopyView { CopyView(text: text, what: what) }
    return OverviewPage(
      header: header("overview", look: look, production: production),
      drift: look == "unseen"
        ? [
          .init(
            text:
              "The Odoo container of erp publishes no port instead of port 8069 at 127.0.0.1:10000. A hard "
              + "restart makes it anew: odeum instance restart erp --hard",
            since: moment(7_200))
        ] : [],
      access: [
        .init(
          label: "Address", value: "http://127.0.0.1:10000", href: "http://127.0.0.1:10000", outside: true,
          copy: copy("http://127.0.0.1:10000", "the address")),
        .init(
          label: "User", value: "admin", mono: true,
          more: "The password was shown when the instance was made."),
        .init(label: "Database", value: "erp", mono: true, copy: copy("erp", "the name of the database")),
        .init(
          label: "psql", value: "docker exec -it odeum-erp-db psql -U odoo erp", mono: true,
          more: "On the server.", copy: copy("docker exec -it odeum-erp-db psql -U odoo erp", "the command")),
      ], reveal: "/instances/erp/database",
      portsWhere: "on loopback of local",
      ports: [
        .init(label: "Web", value: "10000", mono: true),
        .init(label: "Websocket", value: "10001", mono: true),
        .init(label: "Mail catcher", value: "10002", mono: true),
        .init(label: "PostgreSQL", value: "10003", mono: true),
        .init(label: "IDE", value: "10004", mono: true),
      ],
      settings: [
        .init(label: "Workers", value: "4", more: "advised"), .init(label: "Cron threads", value: "2"),
        .init(label: "Memory", value: "No limit"), .init(label: "Auto restart", value: "On"),
      ],
      about: [
        .init(label: "Created", value: "2026-10-02 08:14 UTC"), .init(label: "Language", value: "sv_SE"),
        .init(label: "Country", value: "Sweden"),
        .init(label: "Modules", value: "account, crm, sale_management, stock"),
      ], jobs: Array(jobRows(subject: false).prefix(3)), queueHref: "#", settingsHref: "#")
  }

  static let instance = [
    Sample(
      "instance", "erp", path: "/instances/erp", section: .instances, events: "/events", overview("running")),
    Sample(
      "instance-creating", "demo", path: "/instances/demo", section: .instances, events: "/events",
      overview("busy", production: false)),
    Sample(
      "instance-failed", "demo", path: "/instances/demo", section: .instances, events: "/events",
      overview("failed", production: false)),
    Sample(
      "instance-unseen", "erp", path: "/instances/erp", section: .instances, events: "/events",
      overview("unseen")),
    Sample(
      "queue", "erp: queue", path: "/instances/erp/queue", section: .instances, events: "/events",
      QueuePage(header: header("queue"), jobs: jobRows(subject: false), shown: "5 jobs", next: "#")),
    Sample(
      "logs", "erp: logs", path: "/instances/erp/logs", section: .instances, events: "/events",
      LogsPage(header: header("logs"), terminal: terminal)),
    Sample(
      "mail", "demo: mail", path: "/instances/demo/mail", section: .instances, events: "/events", inbox),
    Sample(
      "mail-message", "demo: mail", path: "/instances/demo/mail/x", section: .instances, events: "/events",
      message),
    Sample(
      "settings", "erp: settings", path: "/instances/erp/settings", section: .instances, events: "/events",
      settings),
    Sample(
      "settings-postgresql", "erp: PostgreSQL settings", path: "/instances/erp/settings/postgresql",
      section: .instances, events: "/events", postgresSettings),
    Sample(
      "settings-packages", "erp: Packages settings", path: "/instances/erp/settings/packages",
      section: .instances, events: "/events", packageSettings),
    Sample(
      "ask-restart", "Restart erp", path: "/instances/erp/restart", section: .instances, narrow: true,
      AskPage(
        crumbs: [.init(label: "Instances", href: "#"), .init(label: "erp", href: "#")],
        heading: "Restart erp",
        action: "#",
        radio: ChoiceField(
          name: "mode", label: "How",
          choices: [
            .init(
              value: "soft", label: "Soft",
              hint:
                "Odoo’s process is started anew with the code and odoo.conf as they are now. A few seconds.",
              selected: true),
            .init(
              value: "hard", label: "Hard",
              hint:
                "The containers are made anew from the same images. For changed limits, or a process that hangs."
            ),
          ]), button: "Restart", back: "#")),
    Sample(
      "ask-remove", "Remove demo", path: "/instances/demo/remove", section: .instances, narrow: true,
      AskPage(
        crumbs: [.init(label: "Instances", href: "#"), .init(label: "demo", href: "#")],
        heading: "Remove demo for good",
        text: "Everything of this instance is deleted on the server:",
        points: ["the database “demo” and the files of Odoo", "its containers, volumes, network and ports"],
        action: "#",
        field: TextField(
          name: "confirm", label: "Type demo or DELETE to confirm", autocomplete: "off", required: true),
        button: "Remove for good", style: "danger-solid", back: "#")),
  ]

  static let terminal = TerminalView(
    label: "Log of erp", follows: true, action: "#",
    sources: choices(["Odoo", "Database"]), lengths: choices(["1000 lines", "5000 lines"]), refresh: "#",
    refreshes: true, download: "#",
    lines: (0..<60).map { number in
      let time = "2026-11-21 03:0\(number / 10):\(10 + number % 50),\(100 + number)"
      return switch number % 12 {
      case 5:
        .init(
          look: "warning",
          text:
            "\(time) 1 WARNING erp odoo.modules.loading: Transient module states were reset by <script>alert(1)</script>"
        )
      case 8:
        .init(look: "error", text: "\(time) 1 ERROR erp odoo.sql_db: bad query: SELECT 1 FROM nowhere")
      case 9:
        .init(
          look: "error",
          text: "Traceback (most recent call last):\n  File \"sql_db.py\", line 437, in execute")
      case 10: .init(look: "debug", text: "\(time) 1 DEBUG erp odoo.http: session restored")
      default:
        .init(
          look: "info",
          text:
            "\(time) 1 INFO erp werkzeug: 127.0.0.1 - - [21/Nov/2026 03:00:\(number)] \"GET /web HTTP/1.1\" 200 - 12 0.011 0.024"
        )
      }
    }, emptyText: "Nothing was logged yet.", updated: moment(2))

  static var inbox: MailPage {
    var page = MailPage(
      header: header("mail", production: false), refresh: "/instances/demo/mail",
      next: "/instances/demo/mail?cursor=30")
    page.shown = "48 messages"
    page.clear = ActionView(
      id: "clear", label: "Clear", icon: "trash", style: "danger", href: "/instances/demo/mail/clear",
      dialog: true)
    page.messages = [
      .init(
        href: "/instances/demo/mail/a", subject: "Password reset", from: "Norrland Foods <shop@example.org>",
        to: "anna@example.org", received: moment(40)),
      .init(
        href: "/instances/demo/mail/b", subject: "Invoice INV/2026/00042",
        from: "Norrland Foods <shop@example.org>", to: "Anna Berg <anna@example.org>", received: moment(7200),
        files: "1 file"),
    ]
    return page
  }

  static var message: MailMessagePage {
    MailMessagePage(
      header: header("mail", production: false), subject: "Invoice INV/2026/00042",
      facts: [
        .init(label: "From", value: "Norrland Foods <shop@example.org>"),
        .init(label: "To", value: "Anna Berg <anna@example.org>"),
      ], back: "/instances/demo/mail", bodyHref: "/instances/demo/mail/x/body",
      text: "Dear Anna,\n\nhere is your invoice.", links: ["https://shop.example.org/my/invoices/42"],
      files: [.init(name: "INV-2026-00042.pdf", size: "48 kB", href: "/instances/demo/mail/x/attachments/2")],
      headers: [.init(label: "Message-ID", value: "<42@example.org>", mono: true)])
  }

  static func settingsPage(_ part: SettingsPart) -> SettingsPage {
    SettingsPage(
      header: header("settings"),
      parts: SettingsPart.allCases.map {
        .init(
          id: "part-\($0)", label: $0.label, icon: $0.icon, href: "/instances/erp/settings\($0.path)",
          current: $0 == part, count: nil)
      }, action: "/instances/erp/settings\(part.path)", revision: 3, partName: part.label)
  }

  private static func folder(_ name: String, _ label: String, _ path: String) -> FolderField {
    let folder = try? HostFolder(path, field: name)
    return FolderField(
      name, label, value: folder, offered: folder.map { [$0] }, hint: { "web1 offers \($0). Empty is off." },
      FormState())
  }

  static var settings: SettingsPage {
    var page = settingsPage(.odoo)
    page.odoo = SettingsPage.OdooForm(
      advice: "This server has 8 cores and 23.4 GB: 4 workers are advised here.",
      workers: .number(
        "settings.workers", "Workers", value: "", placeholder: "4 (advised)", hint: "0 is threaded mode."),
      workerMemory: .number("settings.workerMemoryMB", "Memory of a worker", value: "2048", unit: "MB"),
      cronThreads: .number("settings.cronThreads", "Cron threads", value: "2"),
      timeLimits: [
        .number("cpuTimeLimit", "Processor time of a request", value: "60", unit: "s"),
        .number("realTimeLimit", "Time of a request", value: "120", unit: "s", hint: "0 is no limit."),
      ], logLevel: ChoiceField(name: "logLevel", label: "Log level", choices: choices(["info", "debug"])),
      databaseFilter: TextField(
        name: "settings.databaseFilter", label: "Database filter",
        hint: "Empty means exactly this instance’s own database.",
        placeholder: "^erp$"),
      autoRestart: CheckField(
        name: "settings.autoRestart", label: "Start again after a crash", checked: true,
        hint: "Odoo that keeps crashing is left stopped, with the reason."),
      sources: ModuleSourcesField("customModules", hint: "Searched in this order.", sources),
      odooConf: AreaField(
        name: "settings.odooConf", label: "Lines for odoo.conf",
        value: "limit_time_cpu = 600\nlimit_time_real = 1200\nlog_level = info"),
      sharedAddons: folder("sharedAddons", "Folder on the server", "/srv/odoo/shared"),
      externalFilestore: folder("externalFilestore", "Folder for the files", "/mnt/nas/odoo"),
      limits: limits("odoo", shm: "64"), stageAction: "#",
      stage: ChoiceField(
        name: "stage", label: "Stage",
        choices: [
          .init(
            value: "production", label: "Production", hint: "A company works with it.", selected: true,
            badge: true),
          .init(value: "staging", label: "Staging", hint: "A copy to try things on.", badge: true),
          .init(value: "dev", label: "Dev", hint: "Made to be thrown away.", badge: true),
        ]))
    return page
  }

  static var postgresSettings: SettingsPage {
    var page = settingsPage(.postgresql)
    page.preview = .init(
      title: "Saving changes 2 settings.", effect: "A hard restart brings it into effect.",
      changes: [
        .init(label: "Extensions", before: "none", after: "postgis, unaccent"),
        .init(label: "Database: memory limit", before: "no limit", after: "4096 MB"),
      ], notes: ["The key workers moved into its own field."])
    page.postgres = .init(
      extensions: AreaField(name: "postgres.extensions", label: "Extensions", value: "postgis\nunaccent"),
      conf: AreaField(name: "postgres.conf", label: "Lines for postgresql.conf", value: "work_mem = 16MB"),
      limits: limits("database", shm: "256"))
    return page
  }

  static var packageSettings: SettingsPage {
    var page = settingsPage(.packages)
    page.packages = .init(
      odoo: AreaField(name: "packages.odoo", label: "Debian packages for Odoo", value: "libcups2-dev"),
      python: AreaField(name: "packages.python", label: "Python packages", value: "phonenumbers"),
      database: AreaField(name: "packages.database", label: "Debian packages for PostgreSQL"))
    return page
  }

  private static let sources = FormState(
    form: Form([
      "customModules.0.repository": "https://github.com/OCA/server-tools.git",
      "customModules.0.branch": "19.0",
      "customModules.1.repository": "git@git.example.com:acme/shop.git", "customModules.1.branch": "",
    ]), error: nil)

  static func limits(_ part: String, shm: String) -> [TextField] {
    [
      .number("settings.\(part).memoryMB", "Memory limit", value: "0", unit: "MB"),
      .number("settings.\(part).memoryReservationMB", "Reserved memory", value: "0", unit: "MB"),
      .number("settings.\(part).shmMB", "Shared memory", value: shm, unit: "MB"),
      .number("settings.\(part).cpuShares", "CPU shares", value: "1024", hint: "1024 is the usual weight."),
    ]
  }
}
