import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addSecurityRoutes(to routes: Routes) {
    addLeaving(to: routes)
    routes.get("/account/security", .signedIn) { request, context in
      try await security(FormState(), .ok, request, context)
    }
    routes.post("/account/security/password", .signedIn) { request, context in
      let form = try await request.form(context)
      return try await security(request, context) {
        guard form.raw("newPassword") == form.raw("repeated") else {
          throw HostingError(
            .invalid, "The two passwords are not the same.",
            fields: [.init("repeated", "This is not the password above; type both again.")])
        }
        do {
          try await hosting.changePassword(
            form.raw("presentPassword"), to: form.raw("newPassword"), by: context.actor)
        } catch var error as HostingError where error.fields.map(\.name) == ["password"] {
          error.fields[0].name = "presentPassword"
          throw error
        }
        return see(
          "/account/security",
          Flash(kind: .good, text: "Your password is changed, and your other sessions have ended."))
      }
    }
    routes.post("/account/security/second-factor", .signedIn) { request, context in
      let form = try await request.form(context)
      return try await security(request, context) {
        let new = try await hosting.beginSecondFactor(password: form.raw("password"), by: context.actor)
        return try secondFactor(new.secret.reveal(), new.address.reveal(), FormState(), .ok, request, context)
      }
    }
    routes.post("/account/security/second-factor/confirm", .signedIn) { request, context in
      let form = try await request.form(context)
      do {
        let codes = try await hosting.confirmSecondFactor(form["code"], by: context.actor)
        return try recoveryCodes(codes.map { $0.reveal() }, request, context)
      } catch let error as HostingError where [.invalid, .unauthenticated].contains(error.code) {
        return try secondFactor(
          form["secret"], form["address"], FormState(form: form, error: error), .unprocessableContent,
          request, context)
      }
    }
    routes.post("/account/security/second-factor/codes", .signedIn) { request, context in
      let form = try await request.form(context)
      return try await security(request, context) {
        let codes = try await hosting.renewRecoveryCodes(password: form.raw("password"), by: context.actor)
        return try recoveryCodes(codes.map { $0.reveal() }, request, context)
      }
    }
    routes.post("/account/security/second-factor/off", .signedIn) { request, context in
      let form = try await request.form(context)
      return try await security(request, context) {
        try await hosting.turnSecondFactorOff(password: form.raw("password"), by: context.actor)
        return see("/account/security", Flash(kind: .good, text: "The second factor is off."))
      }
    }
    routes.post("/account/security/sessions/{id}/end", .signedIn) { _, context in
      try await saying(at: "/account/security") {
        try await hosting.endSession(try context.id("session"), by: context.actor)
        return "That session has ended."
      }
    }
    routes.post("/account/security/sessions/end-others", .signedIn) { _, context in
      try await saying(at: "/account/security") {
        "\(countText(try await hosting.endOtherSessions(by: context.actor), "other session")) ended."
      }
    }
  }

  /// Leaving the organisation: the question, and the deed.
  private func addLeaving(to routes: Routes) {
    routes.get("/account/leave", .signedIn) { request, context in
      let organisation = try context.actor.organisationSlug
      let page = AskPage(
        crumbs: [
          LinkView(label: "Account", href: "/account"),
          LinkView(label: "Security", href: "/account/security"),
        ], heading: "Leave \(organisation)",
        text: "You cannot act for \(organisation) any more, and your tokens there end at once. "
          + "Only an owner or admin can invite you again.",
        action: "/account/leave", button: "Leave", style: "danger-solid", back: "/account/security")
      return try answer(page, page.heading, section: .account, narrow: true, request, context)
    }
    routes.post("/account/leave", .signedIn) { request, context in
      try await security(request, context) {
        let actor = try context.actor
        try await hosting.removeMember(actor.userID, by: actor)
        // Without another organisation there is no page left for him.
        return see(
          actor.memberships > 1 ? "/organisations" : "/sign-in",
          Flash(kind: .good, text: "You are no member of \(actor.organisationSlug) any more."))
      }
    }
  }

  /// What `work` answers; a refusal is told on the page from which it was asked for.
  private func security(
    _ request: Request, _ context: WebContext, _ work: () async throws -> Response
  ) async throws -> Response {
    do {
      return try await work()
    } catch let error as HostingError where [.invalid, .conflict, .unauthenticated].contains(error.code) {
      return try await security(FormState(error: error), .unprocessableContent, request, context)
    }
  }

  private func security(
    _ state: FormState, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let factor = try await hosting.secondFactor(by: actor)
    let sessions = try await hosting.sessions(by: actor)
    let password = state.filling(
      TextField(
        name: "password", label: "Your password", type: "password", autocomplete: "current-password",
        maximumLength: 200, required: true))
    var change = SecurityPage.PasswordForm()
    change.present = state.filling(change.present)
    change.new = state.filling(change.new)
    change.repeated = state.filling(change.repeated)
    let page = SecurityPage(
      problem: state.problem([change.present, change.new, change.repeated, password]), change: change,
      sendsMail: hosting.sendsMail,
      isOn: factor.isOn, recoveryCodes: factor.recoveryCodes,
      password: password,
      sessions: sessions.map { SecurityPage.Row($0) }, hasOthers: sessions.contains { !$0.isPresent })
    return try answer(
      page, "Security", section: .account, narrow: true, status: status, path: "/account/security", request,
      context)
  }

  private func secondFactor(
    _ secret: String, _ address: String, _ state: FormState, _ status: HTTPResponse.Status,
    _ request: Request,
    _ context: WebContext
  ) throws -> Response {
    var code = TextField(
      name: "code", label: "Code", hint: "The six digits that the app shows now.",
      autocomplete: "one-time-code",
      inputMode: "numeric", maximumLength: 8, required: true, focus: true)
    code = state.filling(code)
    code.value = ""
    let page = NewSecondFactorPage(
      problem: state.problem([code]), secret: secret, address: address,
      picture: try QRCode(address).dataAddress,
      code: code)
    return try answer(
      page, "Second factor", section: .account, narrow: true, status: status, path: "/account/security",
      request,
      context)
  }

  private func recoveryCodes(_ codes: [String], _ request: Request, _ context: WebContext) throws -> Response
  {
    try answer(
      RecoveryCodesPage(codes: codes), "Recovery codes", section: .account, narrow: true,
      path: "/account/security",
      request, context)
  }
}

extension SecurityPage.Row {
  init(_ session: Session) {
    self.init(
      browser: Self.browser(session.userAgent), address: session.address, signedIn: Moment(session.createdAt),
      seen: Moment(session.seenAt), isPresent: session.isPresent,
      end: "/account/security/sessions/\(session.id.uuidString.lowercased())/end")
  }

  /// What a browser calls itself, in the words that people know; the whole text where they are not in it.
  private static func browser(_ userAgent: String) -> String {
    let names = [
      ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
      ("Safari/", "Safari"),
    ]
    let systems = [
      ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
      ("Mac OS X", "macOS"),
      ("Linux", "Linux"),
    ]
    guard let name = names.first(where: { userAgent.contains($0.0) }) else {
      return userAgent.isEmpty ? "unknown" : userAgent
    }
    return [name.1, systems.first { userAgent.contains($0.0) }?.1].compactMap(\.self).joined(
      separator: " on ")
  }
}
