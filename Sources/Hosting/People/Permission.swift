/// What a person may do. Every use case asks for one of these by name.
public enum Permission: String, Sendable, CaseIterable, Codable {
  /// See projects and instances, their settings and their jobs.
  case viewInstances
  /// Create instances.
  case createInstances
  /// Start and restart instances.
  case restartInstances
  /// Sign in to Odoo as one of its users.
  case connectAsUsers
  /// Merge a branch into another one.
  case mergeBranches
  /// Stop instances.
  case stopInstances
  /// Remove instances with their data.
  case removeInstances
  /// Make, download, restore and delete backups.
  case manageBackups
  /// Read the logs of instances.
  case viewLogs
  /// Open the web IDE.
  case useIDE
  /// Change the settings of instances.
  case changeSettings
  /// See servers and what is free on them.
  case viewServers
  /// Add, change and remove servers of the organisation.
  case manageServers
  /// Invite people, and say what members may do.
  case manageMembers
  /// Read what was changed, by whom and when.
  case viewAudit

  /// The ten that are granted to members one by one. All others follow from the role alone.
  public static let actions: [Permission] = [
    .viewInstances, .restartInstances, .connectAsUsers, .mergeBranches, .stopInstances, .removeInstances,
    .manageBackups, .viewLogs, .useIDE, .changeSettings,
  ]
}

/// What a member is in an organisation.
public enum Role: String, Sendable, CaseIterable, Codable {
  /// Everything, including what is denied to all others.
  case owner
  /// Everything but ownership.
  case admin
  /// Works with instances; does not remove them.
  case developer
  /// Looks, reads logs and restarts.
  case tester
  /// Looks.
  case viewer

  /// What the role may do without further grants.
  public var permissions: Set<Permission> {
    switch self {
    case .owner, .admin: Set(Permission.allCases)
    case .developer:
      [
        .viewInstances, .createInstances, .restartInstances, .connectAsUsers, .mergeBranches, .stopInstances,
        .manageBackups, .viewLogs, .useIDE, .changeSettings, .viewServers,
      ]
    case .tester: [.viewInstances, .restartInstances, .connectAsUsers, .viewLogs]
    case .viewer: [.viewInstances]
    }
  }
}
