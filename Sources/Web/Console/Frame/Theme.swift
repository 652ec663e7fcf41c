import Foundation
import Hummingbird

/// How the console is coloured.
enum Theme: String, CaseIterable {
  case auto, light, dark

  static let cookie = "odeum-theme"
}

extension Request {
  /// The colours that this browser chose.
  var theme: Theme { cookies[Theme.cookie].flatMap { Theme(rawValue: $0.value) } ?? .auto }
}

extension ConsoleDoor {
  func addThemeRoutes(to routes: Routes) {
    routes.post("/theme", .open) { request, context in
      let form = try await request.form(context)
      var response = Response.see(LocalPath(form["back"])?.text ?? "/instances")
      let theme = Theme(rawValue: form["theme"]) ?? .auto
      response.setCookie(
        Cookie(
          name: Theme.cookie, value: theme.rawValue, maxAge: 365 * 86_400, path: "/", secure: isSecure,
          httpOnly: true, sameSite: .lax))
      return response
    }
  }
}
