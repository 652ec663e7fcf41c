import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addServerEditRoutes(to routes: Routes) {
    routes.get("/edit", .permission(.viewServers)) { request, context in
      try await editServer(FormState(), .ok, request, context)
    }
    routes.post("/edit", .permission(.viewServers)) { request, context in
      let form = try await request.form(context)
      do {
        return try await edited(form, context)
      } catch let error as HostingError where [.invalid, .conflict, .unavailable].contains(error.code) {
        return try await editServer(
          FormState(form: form, error: error), .init(code: error.code.status), request, context)
      }
    }
  }

  private func editServer(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let server = try await controlledServer(context)
    return try answer(
      EditServerPage(server, state), "Edit \(server.name)", section: .servers, narrow: true, status: status,
      request,
      context)
  }

  private func edited(_ form: Form, _ context: WebContext) async throws -> Response {
    let server = try await hosting.server(context.parameter("name"), by: context.actor)
    var numbers = NumberReader(form)
    var change = ServerChange()
    func changed(_ name: String, from old: String?) -> String? {
      form.has(name) && form[name] != old ? form[name] : nil
    }
    change.name = changed("name", from: server.name)
    if let access = server.access {
      change.address = changed("address", from: server.address)
      change.user = changed("user", from: access.user)
      if let port = numbers.number("port", "SSH port"), port != access.port { change.port = port }
      change.hostKey = changed("hostKey", from: "")
      change.replaceKey(with: form["privateKey"].isEmpty ? nil : form.raw("privateKey"))
    }
    try numbers.check()
    if form.has("exposed") != server.exposed { change.exposed = form.has("exposed") }
    change.stagePolicy = changed("stagePolicy", from: server.stagePolicy.rawValue)
    change.note = changed("note", from: server.note)
    func folders(_ name: String, from former: [HostFolder]) -> [String]? {
      form.lines(name).flatMap { $0 == former.map(\.text) ? nil : $0 }
    }
    change.sharedFolders = folders("sharedFolders", from: server.sharedFolders)
    change.filestoreFolders = folders("filestoreFolders", from: server.filestoreFolders)
    let result = try await hosting.editServer(server.id.uuidString, change, by: context.actor)
    if let job = result.operation {
      return see(
        "/jobs/\(job.id)",
        Flash(
          kind: .good, text: "\(result.server.name) is saved, and is being validated.", notes: result.notes))
    }
    return see(
      "/servers/\(result.server.name.inAddress)",
      Flash(kind: .good, text: "\(result.server.name) is saved.", notes: result.notes))
  }
}

extension EditServerPage {
  init(_ server: Server, _ state: FormState) {
    self.server = server.name
    href = "/servers/\(server.name.inAddress)"
    isRemote = server.access != nil
    name = state.filling(
      TextField(
        name: "name", label: "Name", value: server.name, autocomplete: "off", maximumLength: 40,
        required: true))
    place = ServerPlaceFields(state, address: server.address, access: server.access)
    hostKey = state.filling(
      TextField(
        name: "hostKey", label: "Host key",
        hint: "Only where the server shows another one than before: the fingerprint that you have compared.",
        placeholder: "SHA256:…", autocomplete: "off", maximumLength: 100, optional: true))
    privateKey = .privateKey(
      state, "Another private key", hint: "In the place of the one that is kept.", rows: 4)
    use = ServerUseFields(
      state, stagePolicy: server.stagePolicy, exposed: server.exposed, note: server.note)
    folders = ServerFolderFields(
      state, shared: server.sharedFolders, filestores: server.filestoreFolders)
    problem = state.problem([name, hostKey, privateKey] + folders.all + place.all + use.all)
  }
}
