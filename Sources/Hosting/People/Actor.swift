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
  /// What he may do there beside his role, and what exists for him.
  public var grants = Grants()
  /// The only permissions of the token that he showed; nil: all that he has.
  public var scopes: Set<Permission>?
  /// The token that he showed; nil for a session.
  public var token: TokenReference?
  /// How many organisations the person belongs to.
  public var memberships = 1
  /// Whether the person runs the installation.
  public var isOperator: Bool
  /// By which door the request came.
  public var door: Door
  /// The session by which the person is signed in; nil for a token.
  public var session: UUID?
  /// The IP address that the request came from, where there is one.
  public var address: String?

  /// Whether it is a person who asks, and not the control plane itself or somebody at its machine.
  var isPerson: Bool { door != .system }

  /// Everything that the person may do.
  public var permissions: Set<Permission> {
    let all = grants.permissions(of: role)
    return scopes.map { all.intersection($0) } ?? all
  }

  /// Whether the person may do what `permission` names.
  public func can(_ permission: Permission) -> Bool { permissions.contains(permission) }

  /// Refuses unless the person may do what `permission` names.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func require(_ permission: Permission) throws {
    guard !can(permission) else { return }
    if let scopes, !scopes.contains(permission) {
      throw HostingError(
        .forbidden, "This token was not made for this (\(permission.rawValue)).",
        suggestion: "Make a token with that scope (odeum token create --scope), or use one without scopes.")
    }
    throw HostingError(
      .forbidden,
      "Your role “\(role.rawValue)” in \(organisationSlug) does not allow this (\(permission.rawValue)).",
      suggestion: "Ask an owner or admin of \(organisationSlug) to do it or to change what you may do.")
  }

  /// Refuses a token with scopes: no scope stands for what concerns the person himself.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  func requireWholePerson() throws {
    guard scopes != nil else { return }
    throw HostingError(
      .forbidden,
      "This token was made for some actions only, and what concerns the person himself is none of them.",
      suggestion: "Do it in the console, or with a token without scopes.")
  }
}

/// The token by which somebody asks.
public struct TokenReference: Sendable, Equatable {
  /// The identity.
  public var id: UUID
  /// When it ends, nil for never.
  public var expiresAt: Date?
}

extension Actor {
  /// Whether the instance `id` exists for him; an owner is kept from nothing.
  func reaches(instance id: UUID) -> Bool { role == .owner || grants.instances?.contains(id) ?? true }

  /// Whether the server `id` exists for him.
  func reaches(server id: UUID) -> Bool { role == .owner || grants.servers?.contains(id) ?? true }

  /// The only instances that exist for him; nil: all of the organisation.
  var instances: [UUID]? { role == .owner ? nil : grants.instances.map(Array.init) }

  /// The only servers that exist for him; nil: all that the organisation may use.
  var servers: [UUID]? { role == .owner ? nil : grants.servers.map(Array.init) }
}
