import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addOrganisationRoutes(to routes: Routes) {
    addOrganisationRemoval(to: routes)
    routes.get("/organisations", .signedIn) { request, context in
      try await organisations(FormState(), .ok, request, context)
    }
    routes.post("/organisations", .operators) { request, context in
      let form = try await request.form(context)
      do {
        let owner = form["owner"]
        let made = try await hosting.createOrganisation(
          slug: form["slug"], name: form["name"].isEmpty ? nil : form["name"],
          owner: owner.isEmpty ? nil : owner, by: context.actor)
        return see(
          "/organisations/\(made.slug)", Flash(kind: .good, text: "The organisation “\(made.name)” is made."))
      } catch let error as HostingError where [.invalid, .conflict].contains(error.code) {
        return try await organisations(
          FormState(form: form, error: error), .init(code: error.code.status), request, context)
      }
    }
    routes.get("/organisations/{slug}", .operators) { request, context in
      let organisation = try await hosting.organisation(try context.parameter("slug"), by: context.actor)
      return try organisationPage(organisation, FormState(), .ok, request, context)
    }
    routes.post("/organisations/{slug}", .operators) { request, context in
      let form = try await request.form(context)
      let organisation = try await hosting.organisation(try context.parameter("slug"), by: context.actor)
      do {
        let changed = try await hosting.changeOrganisation(
          organisation.slug, name: form["name"], plan: try Plan(form), by: context.actor)
        return see("/organisations", Flash(kind: .good, text: "What “\(changed.name)” may have is saved."))
      } catch let error as HostingError where error.code == .invalid {
        return try organisationPage(
          organisation, FormState(form: form, error: error), .unprocessableContent, request, context)
      }
    }
  }

  /// Removing an organisation: the question, and the deed.
  func addOrganisationRemoval(to routes: Routes) {
    routes.get("/organisations/{slug}/remove", .operators) { request, context in
      try await askRemoval(FormState(), .ok, request, context)
    }
    routes.post("/organisations/{slug}/remove", .operators) { request, context in
      let form = try await request.form(context)
      let slug = try context.parameter("slug")
      do {
        guard form["confirm"] == slug else {
          let text = "Type \(slug), exactly so; nothing was removed."
          throw HostingError(.invalid, text, fields: [.init("confirm", text)])
        }
        try await hosting.removeOrganisation(slug, by: context.actor)
        return see("/organisations", Flash(kind: .good, text: "\(slug) is removed."))
      } catch let error as HostingError where [.invalid, .conflict].contains(error.code) {
        return try await askRemoval(
          FormState(form: form, error: error), .init(code: error.code.status), request, context)
      }
    }
  }

  private func askRemoval(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let organisation = try await hosting.organisation(try context.parameter("slug"), by: context.actor)
    let path = "/organisations/\(organisation.slug)"
    var page = AskPage(
      crumbs: [
        LinkView(label: "Organisations", href: "/organisations"),
        LinkView(label: organisation.name, href: path),
      ], heading: "Remove \(organisation.name)", action: "\(path)/remove", button: "Remove for good",
      back: path)
    page.text = "Everybody in it loses access, and cannot get it back:"
    page.points = [
      "\(countText(organisation.members, "membership")), with what was granted",
      "invitations and API tokens for it", "Instances and servers are in the way and have to go first.",
    ]
    page.style = "danger-solid"
    let field = state.filling(
      TextField(
        name: "confirm", label: "Type \(organisation.slug) to confirm", autocomplete: "off", required: true,
        focus: true))
    page.field = field
    page.problem = state.problem([field])
    return try answer(page, page.heading, section: .account, narrow: true, status: status, request, context)
  }

  private func organisations(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let all = actor.isOperator ? try await hosting.organisations(by: actor) : []
    let slug = state.filling(
      TextField(
        name: "slug", label: "Slug", hint: "Stands in addresses: /o/slug/…", autocomplete: "off",
        maximumLength: 40, required: true))
    let name = state.filling(
      TextField(
        name: "name", label: "Name", autocomplete: "off", maximumLength: 100, optional: true, plain: false))
    let owner = state.filling(
      TextField(
        name: "owner", label: "First owner",
        hint: "The e-mail address of somebody who is known here; you, if empty.",
        autocomplete: "off", inputMode: "email", maximumLength: 254, optional: true))
    let page = OrganisationsPage(
      problem: state.problem([slug, name, owner]),
      memberships: try await hosting.memberships(by: actor).map { membership in
        .init(
          name: membership.name, slug: membership.slug, role: membership.role.rawValue.capitalized,
          href: "\(OrganisationPlace.root)\(membership.slug)/instances",
          isPresent: membership.slug == actor.organisationSlug)
      }, organisations: all.map { OrganisationsPage.Row($0) },
      create: actor.isOperator ? .init(slug: slug, name: name, owner: owner) : nil)
    return try answer(
      page, "Organisations", section: .account, status: status, path: "/organisations", request, context
    )
  }

  private func organisationPage(
    _ organisation: Organisation, _ state: FormState, _ status: HTTPResponse.Status, _ request: Request,
    _ context: WebContext
  ) throws -> Response {
    let page = OrganisationPage(organisation, state)
    return try answer(
      page, organisation.name, section: .account, narrow: true, status: status, path: page.href,
      request,
      context)
  }
}

extension OrganisationsPage.Row {
  init(_ organisation: Organisation) {
    let plan = organisation.plan.plan
    self.init(
      name: organisation.name, slug: organisation.slug, href: "/organisations/\(organisation.slug)",
      members: organisation.members, instances: organisation.plan.used[.instancesPerProject] ?? 0,
      plan: plan.name.isEmpty ? (plan == Plan() ? "everything" : "of its own") : plan.name)
  }
}

extension OrganisationPage {
  init(_ organisation: Organisation, _ state: FormState) {
    let use = organisation.plan
    heading = organisation.name
    href = "/organisations/\(organisation.slug)"
    name = state.filling(
      TextField(
        name: "name", label: "Name", value: organisation.name, autocomplete: "off", maximumLength: 100,
        required: true, plain: false))
    plan = state.filling(
      TextField(
        name: "plan.name", label: "Name of the plan", value: use.plan.name, hint: "Refusals call it so.",
        autocomplete: "off", maximumLength: 100, optional: true, plain: false))
    limits = Plan.Limit.allCases.map { limit in
      state.filling(
        TextField.number(
          "plan.limits.\(limit.rawValue)", limit.words.prefix(1).uppercased() + limit.words.dropFirst(),
          value: use.plan.limits[limit].map(String.init) ?? "", placeholder: "no limit",
          hint: use.used[limit].map { "\($0) in use." }))
    }
    allowances = Plan.Allowance.allCases.map { allowance in
      state.filling(
        CheckField(
          name: "plan.has.\(allowance.rawValue)",
          label: allowance.words.prefix(1).uppercased() + allowance.words.dropFirst(),
          checked: !use.plan.lacks.contains(allowance)))
    }
    problem = state.problem([name, plan] + limits)
  }
}

extension Plan {
  /// The plan that the form of an organisation describes.
  ///
  /// - Throws: `HostingError` with code `invalid` where a limit is no number.
  init(_ form: Form) throws {
    self.init()
    name = form["plan.name"]
    var reader = NumberReader(form)
    for limit in Limit.allCases {
      limits[limit] = reader.number("plan.limits.\(limit.rawValue)", limit.words)
    }
    try reader.check()
    lacks = Set(Allowance.allCases.filter { !form.has("plan.has.\($0.rawValue)") })
  }
}
