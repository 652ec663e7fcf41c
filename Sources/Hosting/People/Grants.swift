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
