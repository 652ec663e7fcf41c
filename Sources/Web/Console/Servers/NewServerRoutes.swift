import Foundation
import Hosting
import Hummingbird

/// Adding a server takes two pages: where it is, and, once its host key is shown, with what to sign in. So no secret
/// is typed before a person has seen whom it goes to.
extension ConsoleDoor {
  func addNewServerRoutes(to routes: Routes) {
    routes.get("/servers/new", .permission(.viewServers)) { request, context in
      try context.actor.requireAddingServers()
      let form = Form(
        ["name": "name", "address": "address", "port": "port", "user": "user"].compactMapValues {
          let value = request.query($0)
          return value.isEmpty ? nil : value
        })
      return try newServer(FormState(form: request.uri.query == nil ? nil : form), .ok, request, context)
    }
    routes.post("/servers/new", .permission(.viewServers)) { request, context in
      let form = try await request.form(context)
      do {
        return try await hostKeyPage(FormState(form: form), .ok, request, context)
      } catch let error as HostingError where error.code != .forbidden {
        return try newServer(
          FormState(form: form, error: error), .init(code: error.code.status), request, context)
      }
    }
    routes.post("/servers", .permission(.viewServers)) { request, context in
      let form = try await request.form(context)
      do {
        return try await added(form, request, context)
      } catch let error as HostingError where [.invalid, .conflict, .unavailable, .plan].contains(error.code)
      {
        let state = FormState(form: form, error: error)
        let status = HTTPResponse.Status(code: error.code.status)
        // What is wrong with where it is, is mended on the first page; for what the plan refuses, the server need not be
        // asked again.
        let first: Set = ["name", "address", "port", "user"]
        guard error.code != .plan, error.fields.allSatisfy({ !first.contains($0.name) }) else {
          return try newServer(state, status, request, context)
        }
        return try await hostKeyPage(state, status, request, context)
      }
    }
  }

  private func newServer(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) throws -> Response {
    try answer(
      NewServerPage(state), "Add server", section: .servers, narrow: true, status: status,
      path: "/servers/new",
      request, context)
  }

  private func hostKeyPage(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let form = state.form ?? Form()
    var numbers = NumberReader(form)
    let port = numbers.number("port", "Port") ?? 22
    try numbers.check()
    let keys = try await hosting.hostKeys(of: form["address"], port: port, by: context.actor)
    guard let key = keys.first else {
      throw HostingError(.unavailable, "\(form["address"]) shows no host key.")
    }
    return try answer(
      NewServerKeyPage(state, key: key, port: port), "Add server", section: .servers, narrow: true,
      status: status, path: "/servers/new", request, context)
  }

  private func added(_ form: Form, _ request: Request, _ context: WebContext) async throws -> Response {
    guard form.has("confirmed") else {
      let text = "Compare the fingerprint first; nothing was sent to the server."
      throw HostingError(.invalid, text, fields: [.init("confirmed", text)])
    }
    var numbers = NumberReader(form)
    var wish = NewServer(name: form["name"], address: form["address"])
    wish.port = numbers.number("port", "Port")
    try numbers.check()
    wish.user = form["user"].isEmpty ? nil : form["user"]
    wish.hostKey = form["hostKey"]
    let way = form["way"]
    wish.signIn(
      withKey: way == "key" ? form.raw("privateKey") : nil,
      orPassword: way == "password" ? form.raw("password") : nil)
    wish.exposed = form.has("exposed")
    wish.stagePolicy = form["stagePolicy"].isEmpty ? nil : form["stagePolicy"]
    wish.note = form["note"]
    wish.sharedFolders = form.lines("sharedFolders") ?? []
    wish.filestoreFolders = form.lines("filestoreFolders") ?? []
    let added = try await hosting.addServer(wish, by: context.actor)
    let path = "/servers/\(added.server.name.inAddress)"
    guard let job = added.operation else {
      return see(path, Flash(kind: .info, text: "\(added.server.name) is added.", notes: added.notes))
    }
    return see(
      "/jobs/\(job.id)", Flash(kind: .good, text: "\(added.server.name) is added, and is being validated."))
  }
}

extension NewServerPage {
  init(_ state: FormState) {
    name = state.filling(
      TextField(
        name: "name", label: "Name", hint: "Small letters, digits and hyphens.", placeholder: "web1",
        autocomplete: "off", maximumLength: 40, required: true, focus: state.error == nil))
    place = ServerPlaceFields(state)
    problem = state.problem([name] + place.all)
  }
}

extension NewServerKeyPage {
  init(_ state: FormState, key: PinnedHostKey, port: Int) {
    let form = state.form ?? Form()
    title = form["address"] + (port == 22 ? "" : ", port \(port)")
    fingerprint = key.fingerprint
    type = key.type
    let kind = key.type.contains("ed25519") ? "ed25519" : key.type.contains("ecdsa") ? "ecdsa" : "rsa"
    command = CopyView(
      text: "ssh-keygen -lf /etc/ssh/ssh_host_\(kind)_key.pub", what: "the command")
    let place = ["name", "address", "port", "user"]
    hidden = (place + ["hostKey"]).map {
      .init(name: $0, value: $0 == "hostKey" ? key.fingerprint : form[$0])
    }
    back = "/servers/new?" + place.map { "\($0)=\(form[$0].inAddress)" }.joined(separator: "&")
    // The first page has none of the fields from here on.
    let state = form.has("way") ? state : FormState(form: nil, error: state.error)
    // Confirmed is what was shown, and nothing else.
    let isSame = form["hostKey"] == key.fingerprint
    var box = CheckField(
      name: "confirmed", label: "The server itself says the same fingerprint",
      hint: "If it differs, somebody may stand between: do not go on.")
    if isSame { box = state.filling(box) }
    confirmed = box
    way = Self.wayField.choosing(form["way"].isEmpty ? "password" : form["way"])
    password = state.filling(
      TextField(
        name: "password", label: "Password", type: "password",
        hint: "Used once, to leave a new key there. It is kept nowhere.", autocomplete: "off", optional: true)
    )
    // Nobody has to read it again on the page.
    password.value = ""
    privateKey = .privateKey(
      state, "Private key", hint: "The whole file, without a passphrase.", rows: 5)
    use = ServerUseFields(state)
    folders = ServerFolderFields(state)
    problem = state.problem([confirmed, way, password, privateKey] + use.all + folders.all)
  }

  private static let wayField = ChoiceField(
    name: "way", label: "Sign in with",
    choices: [
      .init(
        value: "password", label: "A password",
        hint: "Odeum makes a key, leaves it there with the password, and forgets the password."),
      .init(value: "key", label: "A key of yours", hint: "One that is let in there already."),
      .init(
        value: "new", label: "A new key", hint: "Odeum makes one and shows its public half; you put it there."
      ),
    ])
}
