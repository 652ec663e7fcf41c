import Foundation
import Hosting
import Odoo

extension SettingsPage {
  init(
    _ part: SettingsPart, _ instance: Instance, header: InstanceHeader, server: Server?, state: FormState,
    preview: Preview?, plan: PlanUse, _ actor: Actor
  ) {
    let path = "\(instance.path)/settings"
    let lacking = plan.refusal(of: .instanceTuning)?.description
    self.init(
      header: header,
      parts: SettingsPart.allCases.map {
        .init(
          id: "part-\($0)", label: $0.label, icon: $0.icon, href: path + $0.path, current: $0 == part,
          count: nil)
      },
      action: path + part.path,
      readOnly: actor.can(.changeSettings)
        ? part == .odoo ? nil : lacking
        : "Your role “\(actor.role.rawValue)” does not allow it. Ask an owner or admin.",
      untuned: part == .odoo && actor.can(.changeSettings) ? lacking : nil,
      // After a conflict the form goes on from what the other person saved, so that a second press means it.
      revision: instance.settingsRevision, partName: part.label, preview: preview)
    switch part {
    case .odoo:
      var form = OdooForm(instance, server: server, state)
      form.stage = form.stage.within(plan, but: instance.stage)
      odoo = form
      problem = state.problem(form.fields)
    case .postgresql:
      let form = PostgresForm(instance.settings, state)
      postgres = form
      problem = state.problem([form.extensions, form.conf] + form.limits)
    case .packages:
      let form = PackagesForm(instance.settings.packages, state)
      packages = form
      problem = state.problem([form.odoo, form.python, form.database])
    }
  }
}

extension SettingsPage.OdooForm {
  fileprivate var fields: [any FormField] {
    [
      workers, workerMemory, cronThreads, logLevel, databaseFilter, autoRestart, sources, odooConf,
      sharedAddons.text, externalFilestore.text,
    ]
      + timeLimits + limits
  }

  fileprivate init(_ instance: Instance, server: Server?, _ state: FormState) {
    let settings = instance.settings
    let advised = server?.facts.cores.map {
      instance.stage == .production ? Sizing.maximumWorkers(cores: $0) : 2
    }
    self.init(
      advice: Self.advice(server, advised: advised),
      workers: state.filling(
        .number(
          "workers", "Workers", value: settings.workers.map(String.init) ?? "",
          placeholder: advised.map { "\($0), as advised" } ?? "as advised", hint: "0 is threaded mode.")),
      workerMemory: state.filling(
        .number(
          "workerMemoryMB", "Memory of a worker", value: String(settings.workerMemoryMB), unit: "MB",
          hint: "A worker above it ends after its request.")),
      cronThreads: state.filling(
        .number(
          "cronThreads", "Cron threads", value: String(settings.cronThreads), hint: "For scheduled actions.")),
      timeLimits: [
        state.filling(
          .number(
            "cpuTimeLimit", "Processor time of a request", value: String(settings.cpuTimeLimit), unit: "s")),
        state.filling(
          .number(
            "realTimeLimit", "Time of a request", value: String(settings.realTimeLimit), unit: "s",
            hint: "0 is no limit.")),
      ],
      logLevel: state.filling(
        ChoiceField(
          name: "logLevel", label: "Log level",
          choices: LogLevelName.allCases.map { .init(value: $0.rawValue, label: $0.rawValue) }
        ).choosing(settings.logLevel.rawValue)),
      databaseFilter: state.filling(
        TextField(
          name: "databaseFilter", label: "Database filter", value: settings.databaseFilter,
          hint: "A regular expression. Empty means exactly this instance’s own database.",
          placeholder: "^\(instance.database)$", autocomplete: "off", maximumLength: 200, optional: true)),
      autoRestart: state.filling(
        CheckField(
          name: "autoRestart", label: "Start again after a crash", checked: settings.autoRestart,
          hint: "Odoo that keeps crashing is left stopped, with the reason.")),
      sources: ModuleSourcesField(
        "customModules", settings.customModules,
        hint: "Searched in this order. An emptied row goes; saving brings another empty one.", state),
      odooConf: state.filling(
        AreaField(
          name: "odooConf", label: "Lines for odoo.conf", value: settings.odooConf,
          placeholder: "limit_request = 8192", rows: 8, optional: true)),
      sharedAddons: .sharedAddons(instance, server, state),
      externalFilestore: .externalFilestore(instance, server, state),
      limits: TextField.limits("odoo", settings.odoo, state), stageAction: "\(instance.path)/settings/stage",
      stage: Stage.choice(instance.stage))
  }

  private static func advice(_ server: Server?, advised: Int?) -> String {
    guard let server, let cores = server.facts.cores, let memory = server.facts.memoryMB, let advised else {
      return "Without a number, workers follow from the cores of the server and the stage."
    }
    let advice = Sizing.advice(
      cores: cores, memory: max(0, memory - Sizing.memoryOfHost), workersWanted: advised)
    let machine = "\(server.name) has \(countText(cores, "core")) and \(sizeText(memory))"
    guard advice.workers == advised else {
      return
        "\(machine): \(countText(advised, "worker")), as advised on this stage, need more than that. \(advice.reason)"
    }
    return
      "\(machine): \(countText(advised, "worker")) of at most \(advice.memoryPerWorker) MB and \(countText(advice.cronThreads, "cron thread")) are advised on this stage. They need about \(sizeText(advice.memoryNeeded)) and serve about \(advice.users) users at once."
  }
}

extension SettingsPage.PostgresForm {
  fileprivate init(_ settings: InstanceSettings, _ state: FormState) {
    self.init(
      extensions: .names(
        "postgres.extensions", "Extensions", settings.postgres.extensions, placeholder: "postgis\nunaccent",
        hint:
          "One a line. They are made by the next restart; taking one out of the list leaves it in the database.",
        state),
      conf: state.filling(
        AreaField(
          name: "postgres.conf", label: "Lines for postgresql.conf", value: settings.postgres.conf,
          placeholder: "shared_buffers = 256MB\nwork_mem = 16MB", rows: 8, optional: true)),
      limits: TextField.limits("database", settings.database, state))
  }
}

extension SettingsPage.PackagesForm {
  fileprivate init(_ packages: InstancePackages, _ state: FormState) {
    self.init(
      odoo: .names(
        "packages.odoo", "Debian packages for Odoo", packages.odoo, placeholder: "libcups2-dev\nlibpq-dev",
        hint: "One a line, as apt knows them.", state),
      python: .names(
        "packages.python", "Python packages", packages.python, placeholder: "phonenumbers\nopenpyxl==3.1.5",
        hint: "One a line, as pip takes them.", state),
      database: .names(
        "packages.database", "Debian packages for PostgreSQL", packages.database,
        placeholder: "postgresql-17-pgvector", hint: "One a line, as apt knows them.", state))
  }
}

extension AreaField {
  /// A field for a list of names, one a line.
  fileprivate static func names(
    _ name: String, _ label: String, _ value: [String], placeholder: String, hint: String, _ state: FormState
  ) -> AreaField {
    state.filling(
      AreaField(
        name: name, label: label, value: value.joined(separator: "\n"), hint: hint, placeholder: placeholder,
        rows: 5, optional: true))
  }
}

extension TextField {
  /// The fields for the limits of a container.
  fileprivate static func limits(
    _ part: String, _ limits: ContainerLimits, _ state: FormState
  ) -> [TextField] {
    [
      .number("\(part).memoryMB", "Memory limit", value: String(limits.memoryMB), unit: "MB"),
      .number(
        "\(part).memoryReservationMB", "Reserved memory", value: String(limits.memoryReservationMB),
        unit: "MB"),
      .number("\(part).shmMB", "Shared memory", value: String(limits.shmMB), unit: "MB"),
      .number(
        "\(part).cpuShares", "CPU shares", value: String(limits.cpuShares),
        hint: "The weight among the containers of the server; 1024 is usual."),
    ].map { state.filling($0) }
  }
}
