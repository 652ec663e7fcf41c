import Foundation
import Remote

/// An SMTP server that takes messages for others.
public struct MailServer: Sendable, Equatable {
  /// How the way to it is kept from readers.
  public enum Protection: String, Sendable {
    /// TLS from the first byte on; usual port 465 (RFC 8314).
    case tls = "smtps"
    /// A connection that must become TLS before anything is said (STARTTLS, RFC 3207); usual port 587.
    case startTLS = "smtp"
    /// None: for a server on this machine, or behind a tunnel; usual port 25.
    case none = "smtp+insecure"

    var usualPort: Int {
      switch self {
      case .tls: 465
      case .startTLS: 587
      case .none: 25
      }
    }
  }

  /// Name or address.
  public var host: String
  /// TCP port.
  public var port: Int
  /// How the way to it is kept from readers.
  public var protection: Protection
  /// With what to sign in; nil where the server asks nobody.
  public var account: Account?

  /// With what to sign in to a server.
  public struct Account: Sendable, Equatable {
    /// The user's name.
    public var user: String
    /// His password.
    public var password: Secret
  }

  /// The server that an address such as `smtps://USER:PASSWORD@mail.example.org:465` names; characters that mean
  /// something in an address are percent-encoded. Nil for anything else, and for a password that would go over the
  /// network unprotected.
  public init?(url text: String) {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      let protection = parts.scheme.flatMap({ Protection(rawValue: $0.lowercased()) }),
      ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil,
      (1...65_535).contains(parts.port ?? protection.usualPort)
    else { return nil }
    self.host = host.trimmingCharacters(in: ["[", "]"])
    self.port = parts.port ?? protection.usualPort
    self.protection = protection
    switch (parts.user, parts.password) {
    case (nil, nil): account = nil
    case (let user?, let password?) where !user.isEmpty && !user.contains(":"):
      account = Account(user: user, password: Secret(password))
    default: return nil
    }
    if account != nil, protection == .none { return nil }
  }
}
