import Hosting

/// Who may use a route. Every route declares it; what the use case asks for beyond that is checked there.
enum Access: Sendable, Equatable {
  /// Anybody, signed in or not.
  case open
  /// Whoever is signed in.
  case signedIn
  /// Who has the permission.
  case permission(Permission)
  /// Who runs the installation.
  case operators

  /// Refuses unless `visitor` has access.
  ///
  /// - Throws: `HostingError` with code `unauthenticated` or `forbidden`.
  func check(_ visitor: Visitor) throws {
    if self == .open { return }
    guard let actor = visitor.actor else { throw HostingError.nobody }
    if self == .operators, !actor.isOperator {
      throw HostingError(
        .forbidden, "Only an operator of the installation may do this.",
        suggestion: "Ask the one who runs this installation.")
    }
    if case .permission(let permission) = self { try actor.require(permission) }
  }
}

extension HostingError {
  /// Nobody is signed in.
  static let nobody = HostingError(
    .unauthenticated, "This needs somebody who is signed in, and the request has no valid session or token.",
    suggestion: "Sign in to the console, or send a token as “Authorization: Bearer …”.")
}
