import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addAccountRoutes(to routes: Routes) {
    routes.get("/account", .signedIn) { request, context in
      try await account(FormState(), status: .ok, request, context)
    }
    routes.post("/account/tokens", .signedIn) { request, context in
      let form = try await request.form(context)
      let actor = try context.actor
      do {
        let days = Int(form["lifetime"]).map { min(max($0, 0), 3650) } ?? 30
        let expiresAt = days == 0 ? nil : Date(timeIntervalSinceNow: Double(days) * 86_400)
        let name = form["name"]
        let scopes = AccountPage.scopes(form)
        let created = try await tokens.once(form.submission, by: actor.userID) {
          try await hosting.createToken(name: name, expiresAt: expiresAt, scopes: scopes, by: actor)
        }
        return try await account(FormState(), made: created, status: .ok, request, context)
      } catch let error as HostingError where error.code == .invalid {
        let state = FormState(form: form, error: error)
        return try await account(state, status: .unprocessableContent, request, context)
      }
    }
    routes.get("/account/tokens/{id}/revoke", .signedIn) { request, context in
      let token = try await token(context)
      let page = AskPage(
        crumbs: [LinkView(label: "Account", href: "/account")], heading: "Revoke the token “\(token.name)”",
        text: "Programs that use it are refused from now on.", action: "/account/tokens/\(token.id)/revoke",
        button: "Revoke", style: "danger-solid", back: "/account")
      return try answer(page, page.heading, section: .account, narrow: true, request, context)
    }
    routes.post("/account/tokens/{id}/revoke", .signedIn) { _, context in
      let token = try await token(context)
      try await hosting.revokeToken(token.id, by: context.actor)
      return see("/account", Flash(kind: .good, text: "The token “\(token.name)” is revoked."))
    }
  }

  private func token(_ context: WebContext) async throws -> APIToken {
    let id = try context.parameter("id")
    guard
      let token = try await hosting.tokens(by: context.actor).first(where: { $0.id == UUID(uuidString: id) })
    else {
      throw HostingError(
        .notFound, "There is no token “\(id)” of yours.", suggestion: "It may be revoked already.")
    }
    return token
  }

  private func account(
    _ state: FormState, made: CreatedToken? = nil, status: HTTPResponse.Status, _ request: Request,
    _ context: WebContext
  ) async throws -> Response {
    let tokens = try await hosting.tokens(by: context.actor)
    let key = state.form?["key"] ?? ""
    let name = state.filling(
      TextField(
        name: "name", label: "Name", hint: "What the token is for.", placeholder: "Backup script",
        autocomplete: "off",
        maximumLength: 100, required: true, plain: false))
    let actor = try context.actor
    let page = AccountPage(
      secret: made.map { .init(name: $0.token.name, secret: $0.secret.reveal()) },
      problem: state.problem([name, AccountPage.reach]),
      tokens: tokens.map { AccountPage.Token($0) }, key: key.isEmpty ? UUID().uuidString : key, name: name,
      lifetime: state.filling(AccountPage.lifetimes), reach: AccountPage.reach(state),
      scopes: AccountPage.scopes(of: actor, state))
    return try answer(
      page, "Account", section: .account, narrow: true, status: status, path: "/account", request, context)
  }
}

extension AccountPage {
  static let lifetimes = ChoiceField(
    name: "lifetime", label: "Ends",
    choices: [
      .init(value: "30", label: "After 30 days", selected: true), .init(value: "90", label: "After 90 days"),
      .init(value: "365", label: "After a year"), .init(value: "0", label: "Never"),
    ])

  /// The choice between everything and some of it. Its name is the one under which the domain complains of scopes.
  static let reach = ChoiceField(
    name: "scopes", label: "May do",
    choices: [
      .init(value: "all", label: "All that you may do", selected: true),
      .init(value: TokenScope.read, label: "Look, and change nothing"),
      .init(value: "own", label: "Only what is checked"),
    ])

  static func reach(_ state: FormState) -> ChoiceField {
    state.form?.has(reach.name) == false ? reach : state.filling(reach)
  }

  /// A box for each permission that `actor` has to give to a token.
  static func scopes(of actor: Actor, _ state: FormState) -> [CheckField] {
    Permission.allCases.filter(actor.can).map { permission in
      state.filling(CheckField(name: "scope.\(permission.rawValue)", label: permission.label))
    }
  }

  /// The scopes that a form asks for; nil: all that the person may do.
  static func scopes(_ form: Form) -> [String]? {
    switch form[reach.name] {
    case TokenScope.read: [TokenScope.read]
    case "own": Permission.allCases.map(\.rawValue).filter { form.has("scope.\($0)") }
    default: nil
    }
  }
}

extension AccountPage.Token {
  init(_ token: APIToken) {
    self.init(
      name: token.name, made: Moment(token.createdAt), used: token.usedAt.map { Moment($0) },
      ends: token.expiresAt.map { Moment($0) },
      scopes: token.scopes.map { $0.map(\.label).sorted().joined(separator: ", ") },
      revoke: "/account/tokens/\(token.id)/revoke")
  }
}
