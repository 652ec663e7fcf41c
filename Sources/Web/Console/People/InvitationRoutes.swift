import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  /// The page that the link of an invitation leads to. To look at it does not use the link up.
  func addInvitationRoutes(to routes: Routes) {
    routes.get("\(InvitationLink.path)", .open) { request, context in
      try await invitation(request.query("token"), FormState(), .ok, request, context)
    }
    routes.post("\(InvitationLink.path)", .open) { request, context in
      let form = try await request.form(context)
      do {
        if form.has("mail") { return try await mail(form["token"], request, context) }
        return try await accept(form, request, context)
      } catch let error as HostingError
        where [.invalid, .conflict, .forbidden, .unauthenticated, .unavailable].contains(error.code)
      {
        return try await invitation(
          form["token"], FormState(error: error), .init(code: error.code.status), request, context)
      }
    }
  }

  private func invitation(
    _ token: String, _ state: FormState, _ status: HTTPResponse.Status, isMailed: Bool = false,
    _ request: Request, _ context: WebContext
  ) async throws -> Response {
    guard let open = try await hosting.openInvitation(token) else {
      return try answer(InvitationPage(), "Invitation is over", path: "/sign-in", request, context)
    }
    let visitor = try await admission.visitor(of: request).actor
    var page = InvitationPage(
      usable: true, organisation: open.organisation, email: open.email, role: open.role.rawValue,
      token: token, accepts: visitor?.email == open.email, isMailed: isMailed,
      choosesPassword: open.next == .choosePassword, provesAddress: open.next == .proveAddress)
    page.signIn = "/sign-in?back=" + InvitationLink(secret: token, at: "").text.inAddress
    page.password = state.filling(page.password)
    page.repeated = state.filling(page.repeated)
    page.problem = state.problem([page.password, page.repeated])
    return try answer(page, "Join \(open.organisation)", status: status, path: "/sign-in", request, context)
  }

  private func mail(_ token: String, _ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.mailInvitation(token, address: outside.address(request, context))
    return try await invitation(token, FormState(), .ok, isMailed: true, request, context)
  }

  private func accept(_ form: Form, _ request: Request, _ context: WebContext) async throws -> Response {
    let token = form["token"]
    let address = outside.address(request, context)
    if form.has("accept"), let actor = try await admission.visitor(of: request).coming(from: address).actor {
      try await hosting.acceptInvitation(token, by: actor)
      return see("/instances", Flash(kind: .good, text: "You are a member now."))
    }
    guard form.raw("password") == form.raw("repeated") else {
      throw HostingError(
        .invalid, "The two passwords are not the same.",
        fields: [.init("repeated", "This is not the password above; type both again.")])
    }
    let signedIn = try await hosting.acceptInvitation(
      token, password: form.raw("password"), address: address, userAgent: request.headers[.userAgent] ?? "")
    return welcome(signedIn, to: nil)
  }
}
