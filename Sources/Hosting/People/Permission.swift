/// What a person may do. Every use case asks for one of these by name.
public enum Permission: String, Sendable, CaseIterable {
  /// See instances, their settings and their jobs.
  case viewInstances
  /// Create instances.
  case createInstances
  /// Start and restart instances.
  case restartInstances
  /// Stop instances.
  case stopInstances
  /// Remove instances with their data.
  case removeInstances
  /// Read the logs of instances.
  case viewLogs
  /// Change the settings of instances.
  case changeSettings
  /// See servers and what is free on them.
  case viewServers
  /// Add, change and remove servers of the organisation.
  case manageServers
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
        .viewInstances, .createInstances, .restartInstances, .stopInstances, .viewLogs, .changeSettings,
        .viewServers,
      ]
    case .tester: [.viewInstances, .restartInstances, .viewLogs]
    case .viewer: [.viewInstances]
    }
  }
}
