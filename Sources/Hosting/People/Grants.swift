import Foundation

/// What a member may do beside or instead of what his role says, and what exists for him.
public struct Grants: Sendable, Equatable {
  /// What he may do of ``Permission/actions``; nil: what his role has of them.
  public var actions: Set<Permission>?
  /// The only projects that exist for him; nil: all.
  public var projects: Set<UUID>?
  /// The only servers that exist for him; nil: all.
  public var servers: Set<UUID>?
  /// The only instances that exist for him; nil: all.
  public var instances: Set<UUID>?

  /// What the role says, everywhere, until a property is set.
  public init() {}

  /// What a member of that role may do. An owner may do everything, whatever was granted.
  func permissions(of role: Role) -> Set<Permission> {
    guard let actions, role != .owner else { return role.permissions }
    return role.permissions.subtracting(Permission.actions).union(actions.intersection(Permission.actions))
  }
}

/// What is to change of a member's grants. What is nil stays as it is.
public struct GrantsChange: Sendable, Equatable {
  /// What becomes of one of the lists.
  public enum List<Element: Hashable & Sendable>: Sendable, Equatable {
    /// There is none from now on: what the role has, or everything.
    case lifted
    /// Only these.
    case only(Set<Element>)
    /// Of those that were shown only the chosen ones. What was not shown stays as it is.
    case chosen(Set<Element>, shown: Set<Element>)

    /// What becomes of `list`, nil being none.
    func applied(to list: Set<Element>?) -> Set<Element>? {
      switch self {
      case .lifted: nil
      case .only(let named): named
      case .chosen(let chosen, let shown): (list ?? []).subtracting(shown).union(chosen)
      }
    }

    /// What it names.
    var named: Set<Element>? {
      switch self {
      case .lifted: nil
      case .only(let named), .chosen(let named, _): named
      }
    }
  }

  /// See ``Grants/actions``.
  public var actions: List<Permission>?
  /// See ``Grants/projects``.
  public var projects: List<UUID>?
  /// See ``Grants/servers``.
  public var servers: List<UUID>?
  /// See ``Grants/instances``.
  public var instances: List<UUID>?

  /// A change of nothing yet.
  public init() {}

  /// What becomes of `grants`.
  func applied(to grants: Grants) -> Grants {
    var changed = grants
    if let actions { changed.actions = actions.applied(to: grants.actions) }
    if let projects { changed.projects = projects.applied(to: grants.projects) }
    if let servers { changed.servers = servers.applied(to: grants.servers) }
    if let instances { changed.instances = instances.applied(to: grants.instances) }
    return changed
  }

  /// The things that it names.
  var named: Grants {
    var named = Grants()
    named.servers = servers?.named
    named.instances = instances?.named
    return named
  }
}
