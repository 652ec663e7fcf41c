import Foundation
import Hummingbird

extension Flash {
  private static let name = "odeum-flash"

  /// The cookie that carries the message to the next page; nil where it is too long for one.
  func cookie(secure: Bool) -> Cookie? {
    guard let json = try? JSONEncoder().encode(self) else { return nil }
    let value = json.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
    guard value.utf8.count < 3500 else {
      return notes.isEmpty
        ? nil : Flash(kind: kind, text: text, notes: notes.dropLast()).cookie(secure: secure)
    }
    return Cookie(
      name: Self.name, value: value, maxAge: 60, path: "/", secure: secure, httpOnly: true, sameSite: .lax)
  }

  /// The cookie that takes it away again.
  static func gone(secure: Bool) -> Cookie {
    Cookie(name: name, value: "", maxAge: 0, path: "/", secure: secure, httpOnly: true, sameSite: .lax)
  }

  /// The message in the value of a cookie; nil where it is none.
  init?(cookie value: String) {
    let text = value.replacing("-", with: "+").replacing("_", with: "/")
    let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: padded),
      let flash = try? JSONDecoder().decode(Flash.self, from: data)
    else {
      return nil
    }
    self = flash
  }

  static func carried(by cookies: Cookies) -> Flash? {
    cookies[name].flatMap { Flash(cookie: $0.value) }
  }
}

extension Request {
  /// What the request before this one left to be said. A live part does not take it away from the page.
  var flash: Flash? { headers[.htmxRequest] == nil ? Flash.carried(by: cookies) : nil }
}
