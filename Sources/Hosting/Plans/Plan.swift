/// What an organisation may have of an installation. The operator says so.
public struct Plan: Sendable, Codable, Equatable {
  /// What the operator calls it; empty where it has no name.
  public var name = ""
  /// How much of something there may be; what is not named has no limit.
  public var limits: [Limit: Int] = [:]
  /// What it lacks.
  public var lacks: Set<Allowance> = []

  /// Everything, without limits: what an organisation has until the operator says otherwise.
  public init() {}

  /// Something that is counted.
  public enum Limit: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
    /// Projects.
    case projects
    /// The organisation's own servers; those that the operator shares with it do not count.
    case servers
    /// Instances in one project. Those that stand in no project count together as one.
    case instancesPerProject
    /// Instances on the stage staging.
    case staging
    /// Storage of all instances together, in GB.
    case storageGB
  }

  /// Something that a plan has or lacks.
  public enum Allowance: String, Sendable, CaseIterable, Codable {
    /// The web IDE.
    case ide
    /// Backups.
    case backups
    /// Merging of branches.
    case merge
    /// Signing in to Odoo as one of its users.
    case connectAs
    /// Odoo Enterprise.
    case enterprise
    /// Settings of Odoo and PostgreSQL.
    case instanceTuning
    /// Settings of nginx.
    case nginxTuning
    /// Lists of IP addresses that may reach an instance.
    case ipLists
  }
}

extension Plan.Limit {
  /// What is counted, in words, as it follows a number.
  public var words: String {
    switch self {
    case .projects: "projects"
    case .servers: "servers of your own"
    case .instancesPerProject: "instances in a project"
    case .staging: "staging instances"
    case .storageGB: "GB of storage"
    }
  }
}

extension Plan.Allowance {
  /// What it is, in words.
  public var words: String {
    switch self {
    case .ide: "the web IDE"
    case .backups: "backups"
    case .merge: "merging of branches"
    case .connectAs: "connecting as a user of Odoo"
    case .enterprise: "Odoo Enterprise"
    case .instanceTuning: "settings of Odoo and PostgreSQL"
    case .nginxTuning: "settings of nginx"
    case .ipLists: "lists of IP addresses"
    }
  }
}
