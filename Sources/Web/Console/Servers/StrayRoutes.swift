import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addStrayRoutes(to routes: Routes) {
    let routes = routes.under("/strays/{id}")
    routes.get("/remove", .operators) { request, context in
      let stray = try await stray(context)
      return try askRemoval(of: stray, FormState(), .ok, request, context)
    }
    routes.post("/remove", .operators) { request, context in
      let form = try await request.form(context)
      let stray = try await stray(context)
      do {
        guard [stray.name, "DELETE"].contains(form["confirm"]) else {
          let text = "Type \(stray.name) or DELETE, exactly so; nothing was removed."
          throw HostingError(.invalid, text, fields: [.init("confirm", text)])
        }
        try await hosting.removeStray(stray.id, by: context.actor)
        let text = "The \(stray.kind.rawValue) \(stray.name) is removed from \(stray.serverName)."
        return see("/servers", Flash(kind: .good, text: text))
      } catch let error as HostingError where [.invalid, .conflict, .unavailable].contains(error.code) {
        return try askRemoval(
          of: stray, FormState(form: form, error: error), .init(code: error.code.status), request, context)
      }
    }
  }

  /// Everything that `actor` may see of strays: operators only.
  func strays(for actor: Actor) async throws -> [Stray] {
    actor.isOperator ? try await hosting.strays(by: actor) : []
  }

  private func stray(_ context: WebContext) async throws -> Stray {
    let text = try context.parameter("id")
    guard let id = UUID(uuidString: text) else {
      throw HostingError(.notFound, "There is no stray “\(text)”.")
    }
    return try await hosting.stray(id, by: context.actor)
  }

  private func askRemoval(
    of stray: Stray, _ state: FormState, _ status: HTTPResponse.Status, _ request: Request,
    _ context: WebContext
  ) throws -> Response {
    let page = AskPage.remove(stray, state)
    return try answer(page, page.heading, section: .servers, narrow: true, status: status, request, context)
  }
}

extension AskPage {
  static func remove(_ stray: Stray, _ state: FormState) -> AskPage {
    let kind = stray.kind.rawValue
    var page = AskPage(
      crumbs: [LinkView(label: "Servers", href: "/servers")],
      heading: "Remove the \(kind) \(stray.name) for good",
      action: "\(stray.path)/remove", button: "Remove for good", back: "/servers")
    page.style = "danger-solid"
    page.problem = state.problem()
    page.text =
      "Nothing that Odeum knows needs it. Deleted on \(stray.serverName), and cannot be brought back:"
    let extent =
      switch stray.kind {
      case .volume: " with its data"
      case .folder: " with everything in it"
      case .container, .network: ""
      }
    page.points = ["the \(kind) \(stray.name)\(extent), first seen \(Moment(stray.firstSeen).ago)"]
    if let former = stray.formerInstance { page.points.append("It was a part of the instance \(former).") }
    page.field = state.filling(
      TextField(
        name: "confirm", label: "Type \(stray.name) or DELETE to confirm", autocomplete: "off",
        required: true,
        focus: true))
    return page
  }
}
