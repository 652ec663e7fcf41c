import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addSettingsRoutes(to routes: Routes) {
    for part in SettingsPart.allCases {
      let path = "/instances/{name}/settings\(part.path)"
      routes.get(path, .permission(.viewInstances)) { request, context in
        try await settings(part, FormState(), status: .ok, request, context)
      }
      routes.post(path, .permission(.changeSettings)) { request, context in
        let form = try await request.form(context)
        do {
          if form.has("preview") { return try await preview(part, form, request, context) }
          return try await save(part, form, context)
        } catch let error as HostingError where [.invalid, .conflict, .plan].contains(error.code) {
          let status = HTTPResponse.Status(code: error.code.status)
          return try await settings(
            part, FormState(form: form, error: error), status: status, request, context)
        }
      }
    }
    routes.post("/instances/{name}/settings/stage", .permission(.changeSettings)) { request, context in
      let form = try await request.form(context)
      guard let stage = Stage(rawValue: form["stage"]) else {
        throw HostingError(
          .invalid, "There is no stage “\(form["stage"])”.", suggestion: "Choose one of the three.")
      }
      let instance = try await hosting.moveInstance(context.parameter("name"), to: stage, by: context.actor)
      return see(
        "\(instance.path)/settings",
        Flash(kind: .good, text: "\(instance.name) is on stage \(stage.text.lowercased()) now."))
    }
  }

  private func save(_ part: SettingsPart, _ form: Form, _ context: WebContext) async throws -> Response {
    let changed = try await hosting.changeSettings(
      of: context.parameter("name"), try SettingsChange(part, form), expectedRevision: Int(form["revision"]),
      by: context.actor)
    let effect =
      switch changed.instance.pendingRestart {
      case .none: "They are in effect."
      case .soft: "They take effect with the next restart."
      case .hard: "They take effect with a hard restart."
      }
    return see(
      "\(changed.instance.path)/settings\(part.path)",
      Flash(kind: .good, text: "Settings saved. \(effect)", notes: changed.notes))
  }

  private func preview(
    _ part: SettingsPart, _ form: Form, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let name = try context.parameter("name")
    let preview = try await hosting.previewSettings(
      of: name, try SettingsChange(part, form), by: context.actor)
    let saved = try await hosting.instance(name, by: context.actor).settings
    return try await settings(
      part, FormState(form: form), status: .ok, preview: SettingsPage.Preview(preview, saved: saved), request,
      context)
  }

  private func settings(
    _ part: SettingsPart, _ state: FormState, status: HTTPResponse.Status,
    preview: SettingsPage.Preview? = nil, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let instance = try await hosting.instance(context.parameter("name"), by: actor)
    let server =
      actor.can(.viewServers)
      ? try await hosting.servers(by: actor).first { $0.id == instance.server.id } : nil
    let page = SettingsPage(
      part, instance, header: try await header(of: instance, .settings, request, actor), server: server,
      state: state,
      preview: preview, plan: try await hosting.plan(by: actor), actor)
    let title = part == .odoo ? "settings" : "\(part.label) settings"
    return try answer(
      page, "\(instance.name): \(title)", section: .instances, events: "/events?instance=\(instance.id)",
      status: status, request, context)
  }
}

extension SettingsChange {
  /// The wish in the form of `part`, which holds every setting of it.
  ///
  /// - Throws: `HostingError` with code `invalid` where a number is none.
  init(_ part: SettingsPart, _ form: Form) throws {
    self.init()
    var numbers = NumberReader(form)
    switch part {
    case .odoo:
      // An empty field goes back to the advice; the others are filled in by the page. What the plan has greyed out is
      // not sent, and stays.
      if form.has("workers") { workers = .some(numbers.number("workers", "Workers")) }
      workerMemoryMB = numbers.number("workerMemoryMB", "Memory of a worker")
      cronThreads = numbers.number("cronThreads", "Cron threads")
      cpuTimeLimit = numbers.number("cpuTimeLimit", "Processor time of a request")
      realTimeLimit = numbers.number("realTimeLimit", "Time of a request")
      logLevel = form["logLevel"].isEmpty ? nil : form["logLevel"]
      databaseFilter = form.has("databaseFilter") ? form["databaseFilter"] : nil
      odooConf = form.has("odooConf") ? form["odooConf"] : nil
      sharedAddons = form.has("sharedAddons") ? form["sharedAddons"] : nil
      externalFilestore = form.has("externalFilestore") ? form["externalFilestore"] : nil
      autoRestart = form.has("autoRestart")
      customModules = ModuleSourcesField.wishes("customModules", in: form)
      odoo = LimitsChange("odoo", &numbers)
    case .postgresql:
      extensions = form.names("postgres.extensions")
      postgresConf = form.has("postgres.conf") ? form["postgres.conf"] : nil
      database = LimitsChange("database", &numbers)
    case .packages:
      debianPackages = form.names("packages.odoo")
      pythonPackages = form.names("packages.python")
      databasePackages = form.names("packages.database")
    }
    try numbers.check()
  }
}

extension Form {
  /// The names in a field, one a line or with blanks or commas between them; nil where the field was not sent.
  fileprivate func names(_ field: String) -> [String]? {
    guard has(field) else { return nil }
    // A comma also stands between the bounds of a version.
    return raw(field).split(whereSeparator: \.isWhitespace).map { name in
      String(name).trimmingCharacters(in: CharacterSet(charactersIn: ","))
    }.filter { !$0.isEmpty }
  }
}

extension SettingsChange.LimitsChange {
  fileprivate init(_ part: String, _ numbers: inout NumberReader) {
    self.init()
    memoryMB = numbers.number("\(part).memoryMB", "Memory limit")
    memoryReservationMB = numbers.number("\(part).memoryReservationMB", "Reserved memory")
    shmMB = numbers.number("\(part).shmMB", "Shared memory")
    cpuShares = numbers.number("\(part).cpuShares", "CPU shares")
  }
}
