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
    routes.get("/instances/{name}/created", .permission(.viewInstances)) { request, context in
      try await creation(request, context)
    }
  }

  /// How the creation of the instance that the path names goes on. The password is not said again.
  private func creation(_ request: Request, _ context: WebContext) async throws -> Response {
    let actor = try context.actor
    let instance = try await hosting.instance(context.parameter("name"), by: actor)
    let jobs = try await hosting.operations(
      of: instance.id.uuidString, page: PageRequest(limit: 200), by: actor)
    guard let job = jobs.items.first(where: { $0.kind == "instance.create" }) else {
      return .see(instance.path)
    }
    return try answer(CreatedPage(instance, job), job, request, context)
  }

  private func answer(
    _ page: CreatedPage, _ job: Hosting.Operation, _ request: Request, _ context: WebContext
  ) throws -> Response {
    try answer(
      page, page.heading, section: .instances, narrow: true,
      events: job.isFinished ? nil : "/events?job=\(job.id)", path: "\(page.href)/created", request, context)
  }

  private func newInstance(
    _ state: FormState, status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let stage = Stage(rawValue: state.value("stage")) ?? .usual
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
    let submission = form.submission
    let key = submission.isEmpty ? nil : try IdempotencyKey(submission, wish: Data(submission.utf8))
    let created = try await creations.once(submission, by: actor.userID) {
      try await hosting.createInstance(wish, idempotencyKey: key, by: actor)
    }
    // The job has gone on where this is the form's second coming.
    let job = try await hosting.operation(created.operation.id, by: actor)
    var page = CreatedPage(created.instance, job)
    page.password = created.adminPassword?.reveal()
    page.notes = created.notes
    return try answer(page, job, request, context)
  }
}

extension CreatedPage {
  /// - Parameter job: the one that creates `instance`.
  fileprivate init(_ instance: Instance, _ job: Hosting.Operation) {
    let name = instance.name.text
    let heading =
      switch job.state {
      case .queued, .running: "\(name) is being created"
      case .succeeded: "\(name) is ready"
      case .failed: "\(name) could not be created"
      case .cancelled: "Creating \(name) was cancelled"
      }
    let hasFailed = [.failed, .cancelled].contains(job.state)
    self.init(
      name: name, href: instance.path, url: instance.url, address: instance.address, heading: heading,
      isReady: job.state == .succeeded, isUnderWay: !job.isFinished,
      failure: hasFailed
        ? ProblemView(
          message: job.reason ?? "The log of the job says more.",
          suggestion: "What was made of it is kept for you to look at. Remove it before you create it again.")
        : nil, notes: [], job: JobStepsView(job), jobHref: "/jobs/\(job.id)")
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
