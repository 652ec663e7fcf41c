import Foundation

extension API {
  /// An organisation that a person belongs to.
  public struct Membership: Codable, Sendable, Equatable {
    /// What stands in addresses.
    public var slug: String
    /// What people call it.
    public var name: String
    /// What the person is in it.
    public var role: String

    /// A membership.
    public init(slug: String, name: String, role: String) {
      self.slug = slug
      self.name = name
      self.role = role
    }
  }

  /// How much of what is counted there may be, or is; what is absent has no limit, or is not counted.
  public struct PlanNumbers: Codable, Sendable, Equatable {
    /// Projects.
    public var projects: Int?
    /// Servers of the organisation's own.
    public var servers: Int?
    /// Instances in one project; those in none count together as one.
    public var instancesPerProject: Int?
    /// Instances on the stage staging.
    public var staging: Int?
    /// Storage of all instances, in GB.
    public var storageGB: Int?

    /// No number.
    public init() {}
  }

  /// What an organisation may have.
  public struct Plan: Codable, Sendable, Equatable {
    /// What the operator calls it.
    public var name: String?
    /// How much there may be.
    public var limits: PlanNumbers?
    /// What it includes, by name; absent: everything.
    public var allowances: [String]?

    /// Everything, without limits.
    public init() {}
  }

  /// The plan of an organisation, and what of it is in use.
  public struct PlanUse: Codable, Sendable, Equatable {
    /// The plan.
    public var plan: Plan
    /// How much there is.
    public var used: PlanNumbers
    /// What cannot be had, by the name of the allowance or limit, with the reason.
    public var refusals: [String: String]

    /// A plan with its use.
    public init(plan: Plan, used: PlanNumbers, refusals: [String: String]) {
      self.plan = plan
      self.used = used
      self.refusals = refusals
    }
  }

  /// An organisation, as the operator sees it.
  public struct Organisation: Codable, Sendable, Equatable {
    /// The identity.
    public var id: UUID
    /// What stands in addresses.
    public var slug: String
    /// What people call it.
    public var name: String
    /// Since when.
    public var createdAt: Date
    /// How many people belong to it.
    public var members: Int
    /// Its plan.
    public var plan: Plan
    /// What of the plan is in use.
    public var used: PlanNumbers

    /// An organisation with everything that the operator sees of it.
    public init(
      id: UUID, slug: String, name: String, createdAt: Date, members: Int, plan: Plan, used: PlanNumbers
    ) {
      self.id = id
      self.slug = slug
      self.name = name
      self.createdAt = createdAt
      self.members = members
      self.plan = plan
      self.used = used
    }
  }

  /// The request that makes an organisation.
  public struct CreateOrganisation: Codable, Sendable, Equatable {
    /// What stands in addresses.
    public var slug: String
    /// What people call it; absent: the slug.
    public var name: String?
    /// The address of a person who is its first owner; absent: who asks.
    public var owner: String?

    /// An organisation with that slug.
    public init(slug: String, name: String? = nil, owner: String? = nil) {
      self.slug = slug
      self.name = name
      self.owner = owner
    }
  }

  /// The request that changes an organisation; what is absent stays.
  public struct ChangeOrganisation: Codable, Sendable, Equatable {
    /// What people call it.
    public var name: String?
    /// What it may have, as a whole.
    public var plan: Plan?

    /// A change.
    public init(name: String? = nil, plan: Plan? = nil) {
      self.name = name
      self.plan = plan
    }
  }
}
