import Hummingbird

@testable import Hosting
@testable import Web

/// What the routes of the console are to ask of whoever uses them. Where the API has the same, its rule is taken, so that
/// both doors are held to one. A route that is not here fails the tests.
extension PermissionRule {
  /// Every route of the console; what belongs to an organisation by its address without that.
  static let console = doorstep + installation + inside

  /// The routes that stand in an organisation.
  static let inside = instances + work + servers + people + account

  /// What everybody may use.
  static let doorstep = [
    open(.get, "/sign-in"), open(.post, "/sign-in", form: "email=nobody@example.org&password=wrong"),
    open(.post, "/sign-in/code", form: "challenge=none&code=000000"),
    open(.post, "/sign-in/code/lost", form: "challenge=none"),
    open(.get, "/sign-in/link", query: "?token=none"), open(.post, "/sign-in/link", form: "token=none"),
    open(.get, "/sign-in/forgotten"), open(.post, "/sign-in/forgotten", form: "email=nobody@example.org"),
    open(.post, "/sign-out"), open(.post, "/theme", form: "theme=dark"),
    open(.get, "/invitation", query: "?token=none"), open(.post, "/invitation", form: "token=none"),
  ]

  private static let installation = [
    page("/organisations", as: "GET /organisations"),
    form("/organisations", as: "POST /installation/organisations", "slug=main"),
    page("/organisations/{slug}", as: "GET /installation/organisations/{slug}"),
    form("/organisations/{slug}", as: "PATCH /installation/organisations/{slug}", "name=Main"),
    page("/organisations/{slug}/remove", as: "DELETE /installation/organisations/{slug}"),
    form("/organisations/{slug}/remove", as: "DELETE /installation/organisations/{slug}", "confirm={id}"),
  ]

  private static let instances =
    [
      page("/", as: "GET /instances"), page("/instances", as: "GET /instances"),
      page("/new", as: "POST /instances"), form("/instances", as: "POST /instances", "name=new&stage=dev"),
      page("/instances/{name}", as: "GET /instances/{ref}"),
      form("/instances/{name}/database", as: "POST /instances/{ref}/database-access"),
      page("/instances/{name}/queue", as: "GET /instances/{ref}"),
      page("/instances/{name}/created", as: "GET /instances/{ref}"),
      form("/instances/{name}/start", as: "POST /instances/{ref}/start"),
      page("/instances/{name}/stop", as: "POST /instances/{ref}/stop"),
      form("/instances/{name}/stop", as: "POST /instances/{ref}/stop"),
      page("/instances/{name}/restart", as: "POST /instances/{ref}/restart"),
      form("/instances/{name}/restart", as: "POST /instances/{ref}/restart", "mode=soft"),
      page("/instances/{name}/remove", as: "DELETE /instances/{ref}"),
      form("/instances/{name}/remove", as: "DELETE /instances/{ref}", "confirm=DELETE"),
      form("/instances/{name}/settings/stage", as: "PATCH /instances/{ref}", "stage=staging"),
      page("/instances/{name}/logs", as: "GET /instances/{ref}/log"),
      page("/instances/{name}/logs.txt", as: "GET /instances/{ref}/log"),
      page("/instances/{name}/mail", as: "GET /instances/{ref}/mail"),
      page("/instances/{name}/mail/clear", as: "DELETE /instances/{ref}/mail"),
      form("/instances/{name}/mail/clear", as: "DELETE /instances/{ref}/mail"),
      page("/instances/{name}/mail/{message}", as: "GET /instances/{ref}/mail/{message}"),
      page("/instances/{name}/mail/{message}/body", as: "GET /instances/{ref}/mail/{message}"),
      page(
        "/instances/{name}/mail/{message}/attachments/{part}",
        as: "GET /instances/{ref}/mail/{message}/attachments/{part}"),
    ]
    + [("", "cronThreads=3"), ("/postgresql", "database.shmMB=512"), ("/packages", "packages.python=qrcode")]
    .flatMap { part, change in
      [
        page("/instances/{name}/settings\(part)", as: "GET /instances/{ref}"),
        form("/instances/{name}/settings\(part)", as: "PATCH /instances/{ref}/settings", change),
      ]
    }

  private static let work = [
    page("/jobs", as: "GET /jobs"), page("/jobs/{id}", as: "GET /jobs/{id}"),
    page("/jobs/{id}/log.txt", as: "GET /jobs/{id}/log"),
    page("/jobs/{id}/cancel", as: "POST /jobs/{id}/cancel"),
    form("/jobs/{id}/cancel", as: "POST /jobs/{id}/cancel"),
    page("/events", as: "GET /instances"), page("/events", as: "GET /jobs/{id}/stream", query: "?job={id}"),
    page("/events", as: "GET /instances/{ref}", query: "?instance={id}"),
    page("/events", as: "GET /instances/{ref}", query: "?instance={id}&log=odoo"),
  ]

  private static let servers =
    [
      page("/servers", as: "GET /servers"), page("/servers/new", as: "POST /servers"),
      form("/servers/new", as: "POST /servers/host-key", "address=127.0.0.1&port=1"),
      form("/servers", as: "POST /servers", "name=new&address=127.0.0.1&port=1&confirmed=yes"),
      page("/servers/{name}", as: "GET /servers/{ref}"),
      page("/servers/{name}/edit", as: "PATCH /servers/{ref}"),
      form("/servers/{name}/edit", as: "PATCH /servers/{ref}", "note=x"),
      page("/servers/{name}/prepare", as: "POST /servers/{ref}/prepare"),
      page("/servers/{name}/remove", as: "DELETE /servers/{ref}"),
      form("/servers/{name}/remove", as: "DELETE /servers/{ref}", "confirm={id}"),
      page("/strays/{id}/remove", as: "DELETE /strays/{id}"),
      form("/strays/{id}/remove", as: "DELETE /strays/{id}", "confirm=DELETE"),
    ]
    + ["validate", "prepare", "drain", "maintenance", "activate"].map {
      form("/servers/{name}/\($0)", as: "POST /servers/{ref}/\($0)")
    }

  private static let people = [
    page("/people", as: "GET /members"),
    form("/people/invitations", as: "POST /invitations", "email=new@example.org&role=viewer"),
    form("/people/invitations/{id}/withdraw", as: "DELETE /invitations/{id}"),
    page("/people/{id}", as: "PATCH /members/{id}"),
    form("/people/{id}", as: "PATCH /members/{id}", "role=viewer"),
    // Whoever leaves does so on a page of his own, so here it is about others only.
    page("/people/{id}/remove", as: "DELETE /members/{id}", access: .permission(.manageMembers)),
    form("/people/{id}/remove", as: "DELETE /members/{id}", access: .permission(.manageMembers)),
    page("/audit", as: "GET /audit"), page("/audit/export", as: "GET /audit/export"),
  ]

  private static let account = [
    page("/account", as: "GET /tokens"), form("/account/tokens", as: "POST /tokens", "name=x"),
    page("/account/tokens/{id}/revoke", as: "DELETE /tokens/{id}"),
    form("/account/tokens/{id}/revoke", as: "DELETE /tokens/{id}"),
    page("/account/security", as: "GET /account/sessions"),
    form(
      "/account/security/password", as: "POST /account/password",
      "presentPassword=wrong&newPassword=another+horse&repeated=another+horse"),
    form("/account/security/second-factor", as: "POST /account/second-factor", "password=wrong"),
    form("/account/security/second-factor/confirm", as: "POST /account/second-factor/confirm", "code=000000"),
    form(
      "/account/security/second-factor/codes", as: "POST /account/second-factor/recovery-codes",
      "password=wrong"),
    form("/account/security/second-factor/off", as: "POST /account/second-factor/off", "password=wrong"),
    form("/account/security/sessions/{id}/end", as: "DELETE /account/sessions/{id}"),
    form("/account/security/sessions/end-others", as: "DELETE /account/sessions"),
    page("/account/leave", as: "DELETE /members/me"),
    // The last of all: the session by which it is asked has no organisation after it.
    form("/account/leave", as: "DELETE /members/me"),
  ]

  private static func open(
    _ method: HTTPRequest.Method, _ path: String, query: String = "", form: String? = nil
  ) -> PermissionRule {
    PermissionRule(method: method, path: path, access: .open, query: query, body: form)
  }

  /// A page that asks what the API asks at the route called `name`.
  private static func page(
    _ path: String, as name: String, access: Access? = nil, query: String = ""
  ) -> PermissionRule {
    var rule = rule(of: name)
    rule.method = .get
    rule.path = path
    rule.access = access ?? rule.access
    rule.query = query
    rule.body = nil
    // What the plan refuses is still shown, greyed out.
    rule.isBeyondPlan = false
    return rule
  }

  /// A form that asks what the API asks at the route called `name`. `{id}` in it is what the path names.
  private static func form(
    _ path: String, as name: String, access: Access? = nil, _ form: String = ""
  ) -> PermissionRule {
    var rule = rule(of: name)
    rule.method = .post
    rule.path = path
    rule.access = access ?? rule.access
    rule.query = ""
    rule.body = form
    return rule
  }

  /// The rule of the API for `GET /instances`, say.
  private static func rule(of name: String) -> PermissionRule {
    let name = name.replacing(" ", with: " /api/v1", maxReplacements: 1)
    guard let rule = api.first(where: { $0.name == name }) else {
      preconditionFailure("The API has no rule for \(name).")
    }
    return rule
  }
}
