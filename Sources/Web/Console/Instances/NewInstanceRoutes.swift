import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addNewInstanceRoutes(to routes: Routes) {
    routes.get("/new", .permission(.createInstances)) { request, context in
      try await newInstance(FormState(), status: .ok, request, context)
    }
    routes.post("/instances", .permission(.createInstances)) { request, context in
      let form = try await request.form(context)
      do {
        return try await created(form, request, context)
      } catch let error as HostingError where [.invalid, .conflict, .unavailable, .plan].contains(error.code)
      {
        let status = HTTPResponse.Status(code: error.code.status)
        return try await newInstance(FormState(form: form, error: error), status: status, request, context)
      }
    }
  }

  private func newInstance(
    _ state: FormState, status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let stage = Stage(rawValue: state.value("stage")) ?? .production
    let places =
      actor.can(.viewServers) ? try await hosting.suggestPlacement(.init(stage: stage), by: actor) : []
    return try answer(
      NewInstancePage(state, places: places, plan: try await hosting.plan(by: actor)), "New instance",
      section: .instances, narrow: true,
      status: status,
      path: "/new", request, context)
  }

  private func created(_ form: Form, _ request: Request, _ context: WebContext) async throws -> Response {
    let actor = try context.actor
    let wish = try NewInstance(form)
    let key = form["key"]
    let created = try await creations.once(key, by: actor.userID) {
      try await hosting.createInstance(wish, idempotencyKey: key.isEmpty ? nil : key, by: actor)
    }
    // The job has gone on where this is the form's second coming.
    let job = try await hosting.operation(created.operation.id, by: actor)
    let name = created.instance.name.text
    let page = CreatedPage(
      name: name, href: created.instance.path, url: created.instance.url, address: created.instance.address,
      password: created.adminPassword?.reveal(), notes: created.notes, job: JobStepsView(job),
      jobHref: "/jobs/\(job.id)")
    return try answer(
      page, "\(name) is being created", section: .instances, narrow: true, events: "/events?job=\(job.id)",
      path: "/instances", request, context)
  }
}

extension NewInstance {
  /// The wish in a form.
  ///
  /// - Throws: `HostingError` with code `invalid` where a number is none.
  init(_ form: Form) throws {
    var numbers = NumberReader(form)
    self.init(name: form["name"])
    version = form.given("version")
    edition = form.given("edition")
    stage = form.given("stage")
    server = form.given("server")
    language = form.given("language")
    country = form.given("country")
    demo = form.has("demo")
    modules = form["modules"].split { $0.isWhitespace || $0 == "," || $0 == ";" }.map(String.init)
    basePort = numbers.number("basePort", "First port")
    if let workers = numbers.number("settings.workers", "Workers") { settings.workers = workers }
    settings.workerMemoryMB = numbers.number("settings.workerMemoryMB", "Memory of a worker")
    settings.cronThreads = numbers.number("settings.cronThreads", "Cron threads")
    settings.autoRestart = ["yes": true, "no": false][form["settings.autoRestart"]]
    settings.odoo.memoryMB = numbers.number("settings.odoo.memoryMB", "The memory of Odoo")
    settings.database.memoryMB = numbers.number("settings.database.memoryMB", "The memory of the database")
    settings.customModules = ModuleSourcesField.wishes("settings.customModules", in: form)
    settings.odooConf = form.given("settings.odooConf")
    try numbers.check()
  }
}

extension Form {
  /// The value of `name`, nil where the field is empty.
  fileprivate func given(_ name: String) -> String? {
    let value = self[name]
    return value.isEmpty ? nil : value
  }
}
