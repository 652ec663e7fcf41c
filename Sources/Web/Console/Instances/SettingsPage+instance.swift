import Foundation
import Hosting
import Odoo

extension SettingsPage {
  init(
    _ instance: Instance, header: InstanceHeader, server: Server?, state: FormState, _ actor: Actor
  ) {
    let settings = instance.settings
    let cores = server?.facts.cores
    let advised = cores.map { instance.stage == .production ? Sizing.maximumWorkers(cores: $0) : 2 }
    self.init(
      header: header,
      readOnly: actor.can(.changeSettings)
        ? nil : "Your role “\(actor.role.rawValue)” does not allow it. Ask an owner or admin.",
      // After a conflict the form goes on from what the other person saved, so that a second press means it.
      revision: instance.settingsRevision, advice: Self.advice(server, advised: advised),
      effect: "Saved settings take effect with the next restart.",
      stageAction: "\(instance.path)/stage", stage: Stage.choice(instance.stage),
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
            hint: "0 is no limit.")
        ),
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
          placeholder: "limit_request = 8192",
          rows: 8, optional: true)),
      odooLimits: Self.limits("odoo", settings.odoo, state),
      databaseLimits: Self.limits("database", settings.database, state))
    problem = state.problem(
      [workers, workerMemory, cronThreads, logLevel, databaseFilter, autoRestart, sources, odooConf]
        + timeLimits
        + odooLimits
        + databaseLimits)
  }

  private static func advice(_ server: Server?, advised: Int?) -> String {
    guard let server, let cores = server.facts.cores, let advised else {
      return "Without a number, workers follow from the cores of the server and the stage."
    }
    let memory = server.facts.memoryMB.map { " and \(sizeText($0))" } ?? ""
    return
      "\(server.name) has \(countText(cores, "core"))\(memory): \(countText(advised, "worker")) are advised on this stage. A worker needs about \(Sizing.memoryPerWorker) MB."
  }

  private static func limits(_ part: String, _ limits: ContainerLimits, _ state: FormState) -> [TextField] {
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
