import Client
import Foundation
import HTTPTypes
import Hosting
import Hummingbird

extension ConsoleDoor {
  /// The answer with `page` in the frame of the console, for who asks.
  func answer(
    _ page: some ConsolePage, _ title: String, section: Section? = nil, narrow: Bool = false,
    events: String? = nil, status: HTTPResponse.Status = .ok, path: String? = nil, _ request: Request,
    _ context: WebContext
  ) throws -> Response {
    let flash = request.flash
    let place = place(of: request, context)
    let path = path ?? request.uri.string
    let frame = Frame(
      title, path: place?.address(path) ?? path, section: section,
      person: context.visitor.actor.map(PersonView.init), theme: request.theme,
      sections: context.visitor.actor.map(Section.visible) ?? [], narrow: narrow, events: events,
      flash: flash?.job == nil ? flash : nil
    )
    let html = try templates.render(page, in: frame)
    var response = Response.page(place?.placing(html) ?? html, status: status, for: request)
    if flash != nil { response.setCookie(Flash.gone(secure: isSecure)) }
    return response
  }

  /// The place that the page asked for stands in; nil where its address names none.
  private func place(of request: Request, _ context: WebContext) -> OrganisationPlace? {
    guard OrganisationPlace(path: request.uri.path) != nil else { return nil }
    return context.visitor.actor.map { OrganisationPlace(slug: $0.organisationSlug) }
  }

  /// Sends the browser on to `path`, where `flash` is said.
  func see(_ path: String, _ flash: Flash) -> Response {
    var response = Response.see(path)
    if let cookie = flash.cookie(secure: isSecure) { response.setCookie(cookie) }
    return response
  }

  /// The page that tells of `problem`; who is not signed in is sent to sign in.
  func answer(to problem: API.Problem, _ request: Request, _ context: WebContext) async throws -> Response {
    if problem.status == 401 { return signInFirst(request) }
    var context = context
    // Where even that cannot be found out, the page for strangers tells of the first problem.
    context.visitor = (try? await admission.visitorAnywhere(of: request)) ?? .nobody
    if problem.status == 404, request.headers[.htmxRequest] != nil {
      // What a page shows is gone: its live part cannot say so, the list can.
      let removal = await removal(request, context)
      let list = "/instances"
      var response = see(
        place(of: request, context)?.address(list) ?? list,
        removal ?? Flash(kind: .info, text: problem.title))
      response.status = .notFound
      response.headers[.htmxRedirect] = response.headers[.location]
      return response
    }
    let fault = FaultPage(problem, back: request.localReferer)
    let status = HTTPResponse.Status(code: problem.status)
    guard context.visitor.actor != nil else {
      return try answer(GateFaultPage(fault: fault), fault.heading, status: status, request, context)
    }
    return try answer(fault, fault.heading, status: status, request, context)
  }

  /// What to say of the instance whose page was asked for, where it is gone because somebody had it removed.
  private func removal(_ request: Request, _ context: WebContext) async -> Flash? {
    let segments = request.uri.path.split(separator: "/").drop { $0 != "instances" }
    guard let name = segments.dropFirst().first, let actor = context.visitor.actor,
      // Who named an organisation that is not his is not told of the one that is.
      request.organisation ?? actor.organisationSlug == actor.organisationSlug,
      let jobs = try? await hosting.operations(of: nil, page: PageRequest(limit: 50), by: actor),
      let job = jobs.items.first(where: { $0.instanceName == String(name) }), job.kind == "instance.remove",
      job.state == .succeeded
    else { return nil }
    return Flash(kind: .good, text: "\(name) \(job.outcome).")
  }

  private func signInFirst(_ request: Request) -> Response {
    // A live part of a page whose session is over makes the whole page load again, which then asks to sign in.
    if request.headers[.htmxRequest] != nil {
      return Response(status: .unauthorized, headers: [.htmxRefresh: "true"])
    }
    if request.headers[.accept]?.contains("text/event-stream") == true {
      return Response(status: .unauthorized)
    }
    let back = request.method == .get ? request.uri.string : request.localReferer ?? "/instances"
    return .see("/sign-in?back=\(back.inAddress)")
  }
}

extension FaultPage {
  init(_ problem: API.Problem, back: String?) {
    let heading =
      switch problem.status {
      case 403: "Not allowed"
      case 404: "Not here"
      case 409: "Not now"
      case 503: "Not available"
      case 500...: "Something went wrong"
      default: "Not possible"
      }
    self.init(
      code: problem.status, heading: heading, message: problem.title, suggestion: problem.suggestion,
      incident: problem.incident, back: back)
  }
}

extension Response {
  /// A page.
  static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "text/html; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
  }

  /// Sends the browser on to `path` of ours with GET.
  static func see(_ path: String) -> Response {
    Response(status: .seeOther, headers: [.location: path])
  }
}

extension Request {
  /// The value of `name` in the query, without white space around it; empty where there is none.
  func query(_ name: String) -> String {
    uri.queryParameters.get(name)?.trimmingCharacters(in: .whitespaces) ?? ""
  }

  /// The page of ours that the browser came from, nil where it came from elsewhere or does not say.
  var localReferer: String? {
    guard let referer = headers[.referer].flatMap(URL.init(string:)), let host = referer.host() else {
      return nil
    }
    let authority = host + (referer.port.map { ":\($0)" } ?? "")
    guard authority == head.authority, let path = LocalPath(referer.path()) else { return nil }
    return path.text + (referer.query().map { "?\($0)" } ?? "")
  }
}

/// A path of this console, as the place to go to after something. An address of another site is none.
struct LocalPath {
  let text: String

  init?(_ text: String) {
    // Browsers read “//host” and “/\host” as another site, and leave control characters out while they do.
    guard text.utf8.first == UInt8(ascii: "/"), !text.hasPrefix("//"), !text.hasPrefix("/\\"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
    else { return nil }
    self.text = text
  }
}

extension PersonView {
  init(_ actor: Actor) {
    self.init(
      email: actor.email, role: actor.role.rawValue.capitalized, organisation: actor.organisationSlug,
      hasOrganisations: actor.isOperator || actor.memberships > 1)
  }
}

extension Section {
  /// The sections that `actor` has a use for.
  static func visible(to actor: Actor) -> [Section] {
    allCases.filter { section in
      switch section {
      case .servers: actor.can(.viewServers)
      case .people: actor.can(.manageMembers)
      case .audit: actor.can(.viewAudit)
      case .dashboard, .instances, .jobs, .account: true
      }
    }
  }
}

extension HTTPField.Name {
  static let htmxRequest = named("HX-Request")
  static let htmxRedirect = named("HX-Redirect")
  static let htmxRefresh = named("HX-Refresh")

  private static func named(_ name: String) -> Self {
    guard let name = Self(name) else { preconditionFailure("\(name) is no header's name") }
    return name
  }
}
