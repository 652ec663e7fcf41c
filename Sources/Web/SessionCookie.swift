import Foundation
import Hummingbird

/// The cookie that holds a browser's session. Over TLS its name begins with `__Host-`, which browsers accept only for
/// this host, this path and over TLS.
struct SessionCookie: Sendable {
  /// The cookie's name.
  let name: String
  private let isSecure: Bool

  init(secure: Bool) {
    isSecure = secure
    name = secure ? "__Host-odeum" : "odeum"
  }

  /// The cookie that keeps `token` until `expiresAt`.
  func keeping(_ token: String, until expiresAt: Date) -> Cookie {
    Cookie(
      name: name, value: token, expires: expiresAt, path: "/", secure: isSecure, httpOnly: true,
      sameSite: .lax)
  }

  /// The cookie that takes the session away.
  func gone() -> Cookie {
    Cookie(name: name, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
  }
}
