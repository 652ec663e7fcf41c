import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addInstanceActionRoutes(to routes: Routes) {
    let routes = routes.under("/instances/{name}")
    routes.post("/start", .permission(.restartInstances)) { request, context in
      try await act(context) { name, actor in
        try await hosting.startInstance(name, by: actor)
      }
    }
    routes.get("/stop", .permission(.stopInstances)) { request, context in
      try await ask(AskPage.stop, request, context)
    }
    routes.post("/stop", .permission(.stopInstances)) { request, context in
      try await act(context) { name, actor in
        try await hosting.stopInstance(name, by: actor)
      }
    }
    routes.get("/restart", .permission(.restartInstances)) { request, context in
      let mode = RestartMode(rawValue: request.query("mode"))
      return try await ask({ AskPage.restart($0, mode: mode) }, request, context)
    }
    routes.post("/restart", .permission(.restartInstances)) { request, context in
      let form = try await request.form(context)
      guard let mode = RestartMode(rawValue: form["mode"]) else {
        throw HostingError(.invalid, "A restart is soft or hard.", suggestion: "Choose one of the two.")
      }
      return try await act(context) { name, actor in
        try await hosting.restartInstance(name, mode: mode, by: actor)
      }
    }
    routes.get("/remove", .permission(.removeInstances)) { request, context in
      try await ask({ AskPage.remove($0, FormState()) }, request, context)
    }
    routes.post("/remove", .permission(.removeInstances)) { request, context in
      try await remove(request, context)
    }
  }

  private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    let instance = try await hosting.instance(context.parameter("name"), by: context.actor)
    guard [instance.name.text, "DELETE"].contains(form["confirm"]) else {
      let text = "Type \(instance.name) or DELETE, exactly so; nothing was removed."
      let error = HostingError(.invalid, text, fields: [.init("confirm", text)])
      return try await ask(
        { AskPage.remove($0, FormState(form: form, error: error)) }, status: .unprocessableContent, request,
        context)
    }
    return try await act(context) { name, actor in
      try await hosting.removeInstance(name, by: actor)
    }
  }

  private func ask(
    _ page: (Instance) -> AskPage, status: HTTPResponse.Status = .ok, _ request: Request,
    _ context: WebContext
  ) async throws -> Response {
    let page = page(try await hosting.instance(context.parameter("name"), by: context.actor))
    return try answer(page, page.heading, section: .instances, narrow: true, status: status, request, context)
  }

  /// Asks for something and goes back to the instance, which says how that goes on, or why it does not.
  private func act(
    _ context: WebContext, _ ask: (String, Actor) async throws -> Hosting.Operation
  ) async throws -> Response {
    let name = try context.parameter("name")
    return try await telling(at: "/instances/\(name.inAddress)") {
      let job = try await ask(name, context.actor)
      return Flash(kind: .info, text: "\(name) \(job.underWay).", job: job.id)
    }
  }
}

extension ConsoleDoor {
  /// Does `work` and goes to `path`, where what it did is said, or why it could not be done now.
  func saying(at path: String, _ work: () async throws -> String) async throws -> Response {
    try await telling(at: path) { Flash(kind: .good, text: try await work()) }
  }

  private func telling(at path: String, _ work: () async throws -> Flash) async throws -> Response {
    do {
      return see(path, try await work())
    } catch let error as HostingError where [.conflict, .unavailable].contains(error.code) {
      return see(path, Flash(kind: .bad, text: error.message, notes: [error.suggestion].compactMap(\.self)))
    }
  }
}

extension AskPage {
  private init(_ instance: Instance, _ heading: String, action: String, button: String) {
    self.init(
      crumbs: [
        LinkView(label: "Instances", href: "/instances"),
        LinkView(label: instance.name.text, href: instance.path),
      ], heading: heading, action: "\(instance.path)/\(action)", button: button, back: instance.path)
  }

  static func stop(_ instance: Instance) -> AskPage {
    var page = AskPage(instance, "Stop \(instance.name)", action: "stop", button: "Stop")
    page.text = instance.stage == .production ? "Whoever works with \(instance.name) now is cut off." : nil
    page.points = [
      "Odoo is asked to end and gets time for it, then PostgreSQL.",
      "Database, files and settings are kept; Start brings everything back.",
    ]
    page.style = "warn"
    return page
  }

  static func restart(_ instance: Instance, mode: RestartMode?) -> AskPage {
    var page = AskPage(instance, "Restart \(instance.name)", action: "restart", button: "Restart")
    let chosen = mode ?? (instance.pendingRestart == .hard ? .hard : .soft)
    page.radio = ChoiceField(
      name: "mode", label: "How much is renewed",
      choices: [
        .init(
          value: "soft", label: "Soft",
          hint:
            "Odoo’s process is started anew with the code and the settings as they are now. Takes seconds."),
        .init(
          value: "hard", label: "Hard",
          hint:
            "The containers are made anew from the same images; the data stay, caught mail does not. For changed limits, or a process that hangs."
        ),
      ]
    ).choosing(chosen.rawValue)
    let hard = instance.pendingChanges.filter { $0.restart == .hard }.map(\.text)
    if !hard.isEmpty { page.text = hard.joined(separator: " ") }
    return page
  }

  static func remove(_ instance: Instance, _ state: FormState) -> AskPage {
    var page = AskPage(
      instance, "Remove \(instance.name) for good", action: "remove", button: "Remove for good")
    page.style = "danger-solid"
    if let refusal = InstanceHeader.removalRefusal(instance) {
      page.problem = ProblemView(message: refusal)
    }
    page.text =
      "Everything of \(instance.name) is deleted on \(instance.server.name), and cannot be brought back:"
    page.points = [
      "the database “\(instance.database)” and the files of Odoo",
      "its containers, volumes, network and ports",
    ]
    page.field = state.filling(
      TextField(
        name: "confirm", label: "Type \(instance.name) or DELETE to confirm", autocomplete: "off",
        required: true,
        focus: true))
    return page
  }
}
