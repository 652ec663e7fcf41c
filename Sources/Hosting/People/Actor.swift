import Foundation

/// Who asks: a person in an organisation, and by which door he came. Every use case takes one.
public struct Actor: Sendable, Equatable {
  /// The way by which a request came in.
  public enum Door: String, Sendable, Codable {
    /// The web console.
    case console
    /// The HTTP API.
    case api
    /// The command line.
    case cli
    /// The control plane itself.
    case system
  }

  /// The person.
  public var userID: UUID
  /// The address with which the person signs in.
  public var email: String
  /// The organisation for which the person acts.
  public var organisationID: UUID
  /// That organisation's slug.
  public var organisationSlug: String
  /// What the person is in it.
  public var role: Role
  /// Whether the person runs the installation.
  public var isOperator: Bool
  /// By which door the request came.
  public var door: Door

  /// Whether the person may do what `permission` names.
  public func can(_ permission: Permission) -> Bool {
    role.permissions.contains(permission)
  }

  /// Refuses unless the person may do what `permission` names.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  func require(_ permission: Permission) throws {
    guard !can(permission) else { return }
    throw HostingError(
      .forbidden,
      "Your role “\(role.rawValue)” in \(organisationSlug) does not allow this (\(permission.rawValue)).",
      suggestion: "Ask an owner or admin of \(organisationSlug) to do it or to change your role.")
  }
}
