import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addPeopleRoutes(to routes: Routes) {
    routes.get("/people", .permission(.manageMembers)) { request, context in
      try await people(FormState(), .ok, request, context)
    }
    routes.post("/people/invitations", .permission(.manageMembers)) { request, context in
      try await invite(request, context)
    }
    routes.post("/people/invitations/{id}/withdraw", .permission(.manageMembers)) { _, context in
      try await saying(at: "/people") {
        try await hosting.withdrawInvitation(context.id("invitation"), by: context.actor)
        return "The invitation is withdrawn."
      }
    }
    routes.get("/people/{id}", .permission(.manageMembers)) { request, context in
      let member = try await member(context)
      return try await memberPage(member, FormState(), .ok, request, context)
    }
    routes.post("/people/{id}", .permission(.manageMembers)) { request, context in
      try await saveMember(request, context)
    }
    routes.get("/people/{id}/remove", .permission(.manageMembers)) { request, context in
      let member = try await member(context)
      let path = "/people/\(member.person.uuidString.lowercased())"
      let page = AskPage(
        crumbs: [LinkView(label: "People", href: "/people"), LinkView(label: member.email, href: path)],
        heading: "Remove \(member.email)",
        text: "He cannot act for this organisation any more, and his tokens here end at once.",
        action: "\(path)/remove", button: "Remove", style: "danger-solid", back: path)
      return try answer(page, page.heading, section: .people, narrow: true, request, context)
    }
    routes.post("/people/{id}/remove", .permission(.manageMembers)) { _, context in
      let member = try await member(context)
      return try await saying(at: "/people") {
        try await hosting.removeMember(member.person, by: context.actor)
        return "\(member.email) is no member any more."
      }
    }
  }

  private func member(_ context: WebContext) async throws -> Member {
    let id = try context.id("member")
    guard let member = try await hosting.members(by: context.actor).first(where: { $0.person == id }) else {
      throw HostingError(
        .notFound, "There is no such member.", suggestion: "Look at the list of people again.")
    }
    return member
  }

  private func people(
    _ state: FormState, _ status: HTTPResponse.Status, link: PeoplePage.Link? = nil, _ request: Request,
    _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let key = state.form?["key"] ?? ""
    let email = state.filling(
      TextField(
        name: "email", label: "E-mail address", type: "email", hint: "The person signs in with it.",
        autocomplete: "off", inputMode: "email", maximumLength: 254, required: true))
    let page = PeoplePage(
      members: try await hosting.members(by: actor).map { PeoplePage.Row($0, for: actor) },
      invitations: try await hosting.invitations(by: actor).map { PeoplePage.Invited($0) }, link: link,
      problem: state.problem([email]), key: key.isEmpty ? UUID().uuidString : key, email: email,
      role: state.filling(.role(.developer, by: actor)))
    return try answer(page, "People", section: .people, status: status, path: "/people", request, context)
  }

  private func invite(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    let actor = try context.actor
    do {
      let role = Role(rawValue: form["role"]) ?? .viewer
      let email = form["email"]
      let made = try await invitations.once(form.submission, by: actor.userID) {
        try await hosting.invite(email, as: role, Grants(), by: actor)
      }
      let link = InvitationLink(secret: made.secret.reveal(), at: outside.ownAddress(request, context))
      return try await people(
        FormState(), .ok, link: .init(made, link), request, context)
    } catch let error as HostingError where [.invalid, .conflict, .forbidden].contains(error.code) {
      return try await people(
        FormState(form: form, error: error), .init(code: error.code.status), request, context)
    }
  }

  private func memberPage(
    _ member: Member, _ state: FormState, _ status: HTTPResponse.Status, _ request: Request,
    _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let instances = try await hosting.everyInstance(by: actor)
    let servers = actor.can(.viewServers) ? try await hosting.servers(by: actor) : []
    let page = MemberPage(member, instances: instances, servers: servers, state, actor)
    return try answer(
      page, member.email, section: .people, narrow: true, status: status, path: page.href, request, context)
  }

  private func saveMember(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    let member = try await member(context)
    // Projects are not on this page.
    var change = GrantsChange()
    change.actions =
      form["follows"] == "own"
      ? .only(Set(Permission.actions.filter { form.has("action.\($0.rawValue)") })) : .lifted
    change.instances =
      form["reach"] == "own"
      ? .chosen(form.ids(below: "instance."), shown: form.ids(in: "instancesShown")) : .lifted
    change.servers =
      form["serverReach"] == "own"
      ? .chosen(form.ids(below: "server."), shown: form.ids(in: "serversShown")) : .lifted
    do {
      let changed = try await hosting.changeMember(
        member.person, to: Role(rawValue: form["role"]) ?? member.role, change, by: context.actor)
      return see("/people", Flash(kind: .good, text: "\(changed.email) is \(changed.role.rawValue) now."))
    } catch let error as HostingError where [.invalid, .conflict, .forbidden].contains(error.code) {
      return try await memberPage(
        member, FormState(form: form, error: error), .init(code: error.code.status), request, context)
    }
  }
}

extension Form {
  /// The ids in the names of the boxes below `prefix` that are checked.
  fileprivate func ids(below prefix: String) -> Set<UUID> {
    Set(
      names.filter { $0.hasPrefix(prefix) }.compactMap {
        UUID(uuidString: String($0.dropFirst(prefix.count)))
      })
  }

  /// The ids in the value of `name`.
  fileprivate func ids(in name: String) -> Set<UUID> {
    Set(self[name].split(separator: " ").compactMap { UUID(uuidString: String($0)) })
  }
}

extension MemberPage {
  fileprivate init(
    _ member: Member, instances: [InstanceSummary], servers: [Server], _ state: FormState, _ actor: Actor
  ) {
    let grants = member.grants
    email = member.email
    href = "/people/\(member.person.uuidString.lowercased())"
    role = state.filling(.role(member.role, by: actor))
    func either(_ name: String, _ label: String, all: String, own: String, isOwn: Bool) -> ChoiceField {
      state.filling(
        ChoiceField(
          name: name, label: label,
          choices: [
            .init(value: "all", label: all, selected: !isOwn),
            .init(value: "own", label: own, selected: isOwn),
          ]))
    }
    follows = either(
      "follows", "What he may do", all: "What the role has", own: "Only what is checked",
      isOwn: grants.actions != nil)
    actions = Permission.actions.map { action in
      let isChecked = grants.actions?.contains(action) ?? member.role.permissions.contains(action)
      return state.filling(
        CheckField(name: "action.\(action.rawValue)", label: action.label, checked: isChecked))
    }
    reach = either(
      "reach", "Which instances exist for him", all: "All", own: "Only what is checked",
      isOwn: grants.instances != nil)
    self.instances = instances.map { instance in
      state.filling(
        CheckField(
          name: "instance.\(instance.id.uuidString.lowercased())", label: instance.name.text,
          checked: grants.instances?.contains(instance.id) ?? true))
    }
    instancesShown = Self.text(instances.map(\.id))
    instancesKept = Self.kept(grants.instances, shown: instances.map(\.id), actor, actor.grants.instances)
    serverReach = either(
      "serverReach", "Which servers exist for him", all: "All", own: "Only what is checked",
      isOwn: grants.servers != nil)
    self.servers = servers.map { server in
      state.filling(
        CheckField(
          name: "server.\(server.id.uuidString.lowercased())", label: server.name,
          checked: grants.servers?.contains(server.id) ?? true))
    }
    serversShown = Self.text(servers.map(\.id))
    serversKept = Self.kept(grants.servers, shown: servers.map(\.id), actor, actor.grants.servers)
    remove = ActionView(
      id: "remove-member", label: "Remove", icon: "trash", style: "danger", href: "\(href)/remove",
      dialog: true)
    problem = state.problem([role])
  }

  private static func text(_ ids: [UUID]) -> String {
    ids.map { $0.uuidString.lowercased() }.joined(separator: " ")
  }

  /// What stays of `list` whatever is checked, in words; nil where nothing does. What is hidden from somebody for whom
  /// everything exists is gone.
  private static func kept(
    _ list: Set<UUID>?, shown: [UUID], _ actor: Actor, _ own: Set<UUID>?
  ) -> String? {
    guard actor.role != .owner, own != nil, let count = list?.subtracting(shown).count, count > 0 else {
      return nil
    }
    return "He keeps \(count) more that you do not see."
  }
}
