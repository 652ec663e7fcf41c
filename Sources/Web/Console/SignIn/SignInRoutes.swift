import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addSignInRoutes(to routes: Routes) {
    routes.get("/sign-in", .open) { request, context in
      try answer(
        SignInPage(back: request.query("back"), changed: request.flash), "Sign in", request, context)
    }
    routes.post("/sign-in", .open) { request, context in
      let form = try await request.form(context)
      do {
        let outcome = try await hosting.signIn(
          email: form["email"], password: form.raw("password"), address: outside.address(request, context),
          userAgent: request.headers[.userAgent] ?? "")
        switch outcome {
        case .signedIn(let signedIn): return welcome(signedIn, to: LocalPath(form["back"]))
        case .wantsCode(let challenge):
          let page = CodePage(
            challenge: challenge.reveal(), back: form["back"], sendsMail: hosting.sendsMail)
          return try answer(page, "Sign in", path: "/sign-in", request, context)
        }
      } catch let error as HostingError where error.code == .unauthenticated {
        var page = SignInPage(back: form["back"], problem: FormState(error: error).problem())
        page.email.value = form["email"]
        page.email.focus = false
        return try answer(
          page, "Sign in", status: .unprocessableContent, path: "/sign-in", request, context)
      }
    }
    routes.post("/sign-in/code", .open) { request, context in try await giveCode(request, context) }
    routes.post("/sign-in/code/lost", .open) { request, context in try await lost(request, context) }
    routes.get("/sign-in/link", .open) { request, context in
      let token = request.query("token")
      guard let link = try await hosting.signInLink(token) else {
        return try answer(
          LinkPage(sendsMail: hosting.sendsMail), "Link is over", path: "/sign-in", request, context)
      }
      return try answer(
        LinkPage(link, token: token), LinkPage.heading(link), path: "/sign-in", request, context)
    }
    routes.post("/sign-in/link", .open) { request, context in try await useLink(request, context) }
    routes.get("/sign-in/forgotten", .open) { request, context in
      try answer(
        ForgottenPage(sendsMail: hosting.sendsMail), "New password", path: "/sign-in", request, context)
    }
    routes.post("/sign-in/forgotten", .open) { request, context in try await forgotten(request, context) }
    routes.post("/sign-out", .open) { request, context in
      if let session = request.cookies[cookie.name]?.value {
        try await hosting.signOut(session: session, address: outside.address(request, context))
      }
      var response = Response.see("/sign-in")
      response.setCookie(cookie.gone())
      return response
    }
  }

  private func giveCode(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    do {
      let signedIn = try await hosting.signIn(
        challenge: form["challenge"], code: form["code"], address: outside.address(request, context),
        userAgent: request.headers[.userAgent] ?? "")
      return welcome(signedIn, to: LocalPath(form["back"]))
    } catch let error as HostingError where error.code == .invalid {
      var page = CodePage(challenge: form["challenge"], back: form["back"], sendsMail: hosting.sendsMail)
      let state = FormState(error: error)
      page.code = state.filling(page.code)
      page.problem = state.problem([page.code])
      return try answer(page, "Sign in", status: .unprocessableContent, path: "/sign-in", request, context)
    } catch let error as HostingError where error.code == .unauthenticated {
      let page = SignInPage(back: form["back"], problem: FormState(error: error).problem())
      return try answer(page, "Sign in", status: .unprocessableContent, path: "/sign-in", request, context)
    }
  }

  /// The way in for who has lost what his code comes from.
  private func lost(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    var page = CodePage(challenge: form["challenge"], back: form["back"], sendsMail: hosting.sendsMail)
    page.code.focus = false
    do {
      try await hosting.requestSecondFactorOff(
        challenge: form["challenge"], address: outside.address(request, context))
      page.isAsked = true
      return try answer(page, "Sign in", path: "/sign-in", request, context)
    } catch let error as HostingError
      where [.conflict, .unavailable].contains(error.code) || error.retryAfter != nil
    {
      page.problem = FormState(error: error).problem()
      return try answer(page, "Sign in", status: .unprocessableContent, path: "/sign-in", request, context)
    } catch let error as HostingError where error.code == .unauthenticated {
      let page = SignInPage(back: form["back"], problem: FormState(error: error).problem())
      return try answer(page, "Sign in", status: .unprocessableContent, path: "/sign-in", request, context)
    }
  }

  private func forgotten(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    var page = ForgottenPage(sendsMail: hosting.sendsMail)
    page.email.value = form["email"]
    do {
      try await hosting.requestNewPassword(for: form["email"], address: outside.address(request, context))
      page.isAsked = true
      return try answer(page, "New password", path: "/sign-in", request, context)
    } catch let error as HostingError where [.unauthenticated, .unavailable].contains(error.code) {
      page.problem = FormState(error: error).problem()
      return try answer(
        page, "New password", status: .unprocessableContent, path: "/sign-in", request, context)
    }
  }

  private func useLink(_ request: Request, _ context: WebContext) async throws -> Response {
    let form = try await request.form(context)
    let token = form["token"]
    do {
      let link = try await hosting.signInLink(token)
      if link?.choosesPassword == true, form.raw("password") != form.raw("repeated") {
        throw HostingError(
          .invalid, "The two passwords are not the same.",
          fields: [.init("repeated", "This is not the password above; type both again.")])
      }
      if link?.purpose == .resetPassword {
        try await hosting.resetPassword(
          token, newPassword: form.raw("password"), address: outside.address(request, context))
        return see(
          "/sign-in", Flash(kind: .good, text: "Your password is changed. Sign in with it."))
      }
      if link?.purpose == .secondFactorOff {
        try await hosting.turnSecondFactorOff(
          link: token, password: form.raw("password"), address: outside.address(request, context))
        return see(
          "/sign-in", Flash(kind: .good, text: "Your second factor is off. Sign in with your password."))
      }
      let signedIn = try await hosting.useSignInLink(
        token, newPassword: link?.purpose == .setPassword ? form.raw("password") : nil,
        address: outside.address(request, context), userAgent: request.headers[.userAgent] ?? "")
      return welcome(signedIn, to: nil)
    } catch let error as HostingError where error.code == .invalid {
      guard let link = try await hosting.signInLink(token) else { throw error }
      var page = LinkPage(link, token: token)
      let state = FormState(error: error)
      page.password = state.filling(page.password)
      page.repeated = state.filling(page.repeated)
      page.present = state.filling(page.present)
      page.problem = state.problem(link.choosesPassword ? [page.password, page.repeated] : [page.present])
      return try answer(
        page, LinkPage.heading(link), status: .unprocessableContent, path: "/sign-in", request, context)
    } catch let error as HostingError where error.code == .unauthenticated {
      return try answer(
        LinkPage(sendsMail: hosting.sendsMail), "Link is over", status: .gone, path: "/sign-in", request,
        context)
    }
  }

  func welcome(_ signedIn: SignedIn, to back: LocalPath?) -> Response {
    var response = Response.see(back?.text ?? "/instances")
    response.setCookie(cookie.keeping(signedIn.token.reveal(), until: signedIn.expiresAt))
    return response
  }
}

extension SignInLink {
  fileprivate var choosesPassword: Bool { [.setPassword, .resetPassword].contains(purpose) }
}

extension LinkPage {
  static func heading(_ link: SignInLink) -> String {
    switch link.purpose {
    case .setPassword, .resetPassword: "Choose a password"
    case .signIn: "Sign in"
    case .secondFactorOff: "Turn off the second factor"
    }
  }

  init(_ link: SignInLink, token: String) {
    usable = true
    heading = Self.heading(link)
    self.token = token
    email = link.email
    choosesPassword = link.choosesPassword
    asksPassword = link.purpose == .secondFactorOff
    (explanation, button) =
      switch link.purpose {
      case .setPassword: ("You are signed in right after.", "Set password and sign in")
      case .signIn: ("No password is needed with this link.", "Sign in")
      case .resetPassword: ("You sign in with it afterwards. All your sessions end.", "Set password")
      case .secondFactorOff:
        (
          "You sign in with your password alone from then on, until you set one up again. All your sessions end.",
          "Turn it off"
        )
      }
    expires = Moment(link.expiresAt)
  }
}
