import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addSettingsRoutes(to routes: Routes) {
    routes.get("/instances/{name}/settings", .permission(.viewInstances)) { request, context in
      try await settings(FormState(), status: .ok, request, context)
    }
    routes.post("/instances/{name}/settings", .permission(.changeSettings)) { request, context in
      let form = try await request.form(context)
      do {
        let changed = try await hosting.changeSettings(
          of: context.parameter("name"), try SettingsChange(form), expectedRevision: Int(form["revision"]),
          by: context.actor)
        let effect =
          switch changed.instance.pendingRestart {
          case .none: "They are in effect."
          case .soft: "They take effect with the next restart."
          case .hard: "They take effect with a hard restart."
          }
        return see(
          "\(changed.instance.path)/settings",
          Flash(kind: .good, text: "Settings saved. \(effect)", notes: changed.notes))
      } catch let error as HostingError where [.invalid, .conflict].contains(error.code) {
        let status = HTTPResponse.Status(code: error.code.status)
        return try await settings(FormState(form: form, error: error), status: status, request, context)
      }
    }
    routes.post("/instances/{name}/stage", .permission(.changeSettings)) { request, context in
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

  private func settings(
    _ state: FormState, status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let instance = try await hosting.instance(context.parameter("name"), by: actor)
    let server =
      actor.can(.viewServers)
      ? try await hosting.servers(by: actor).first { $0.id == instance.server.id } : nil
    let page = SettingsPage(
      instance, header: try await header(of: instance, .settings, actor), server: server, state: state, actor)
    return try answer(
      page, "\(instance.name): settings", section: .instances, events: "/events?instance=\(instance.id)",
      status: status,
      request, context)
  }
}

extension SettingsChange {
  /// The wish in a form, which holds every setting.
  ///
  /// - Throws: `HostingError` with code `invalid` where a number is none.
  init(_ form: Form) throws {
    self.init()
    var numbers = NumberReader(form)
    // An empty field goes back to the advice; the others are filled in by the page.
    workers = .some(numbers.number("workers", "Workers"))
    workerMemoryMB = numbers.number("workerMemoryMB", "Memory of a worker")
    cronThreads = numbers.number("cronThreads", "Cron threads")
    cpuTimeLimit = numbers.number("cpuTimeLimit", "Processor time of a request")
    realTimeLimit = numbers.number("realTimeLimit", "Time of a request")
    logLevel = form["logLevel"].isEmpty ? nil : form["logLevel"]
    databaseFilter = form["databaseFilter"]
    odooConf = form["odooConf"]
    autoRestart = form.has("autoRestart")
    customModules = ModuleSourcesField.wishes("customModules", in: form)
    odoo = LimitsChange("odoo", &numbers)
    database = LimitsChange("database", &numbers)
    try numbers.check()
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
