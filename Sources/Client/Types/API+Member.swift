import Foundation

extension API {
  /// What a member may do beside his role, and what exists for him. What is absent follows the role, or is everything.
  public struct Grants: Codable, Sendable, Equatable {
    /// What he may do of the ten actions that are granted one by one, in the place of what his role has of them.
    public var actions: [String]?
    /// The only projects that exist for him.
    public var projects: [UUID]?
    /// The only servers that exist for him.
    public var servers: [UUID]?
    /// The only instances that exist for him.
    public var instances: [UUID]?

    /// What the role says, everywhere, until a property is set.
    public init() {}
  }

  /// What is to change of a member's grants. An absent key leaves the list as it is; null takes it away.
  public struct GrantsChange: Codable, Sendable, Equatable {
    /// What becomes of one of the lists.
    public enum List<Item: Codable & Sendable & Equatable>: Sendable, Equatable {
      /// There is none from now on: what the role has, or everything; `null` in JSON.
      case lifted
      /// Only these.
      case only([Item])

      /// The list from now on.
      public var items: [Item]? { if case .only(let items) = self { items } else { nil } }
    }

    /// See ``API/Grants/actions``.
    public var actions: List<String>?
    /// See ``API/Grants/projects``.
    public var projects: List<UUID>?
    /// See ``API/Grants/servers``.
    public var servers: List<UUID>?
    /// See ``API/Grants/instances``.
    public var instances: List<UUID>?

    /// A change of nothing yet.
    public init() {}

    private enum CodingKeys: CodingKey {
      case actions, projects, servers, instances
    }

    /// Tells `"instances": null` from no `instances`.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      func list<Item: Codable>(_ key: CodingKeys) throws -> List<Item>? {
        guard container.contains(key) else { return nil }
        return try container.decode([Item]?.self, forKey: key).map(List.only) ?? .lifted
      }
      actions = try list(.actions)
      projects = try list(.projects)
      servers = try list(.servers)
      instances = try list(.instances)
    }

    /// Writes only what is to change.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      // An optional that is there and nil is written as null.
      if let actions { try container.encode(actions.items, forKey: .actions) }
      if let projects { try container.encode(projects.items, forKey: .projects) }
      if let servers { try container.encode(servers.items, forKey: .servers) }
      if let instances { try container.encode(instances.items, forKey: .instances) }
    }
  }

  /// A person in the organisation.
  public struct Member: Codable, Sendable, Equatable {
    /// The person.
    public var id: UUID
    /// The address with which he signs in.
    public var email: String
    /// `owner`, `admin`, `developer`, `tester` or `viewer`.
    public var role: String
    /// What was granted beside the role.
    public var grants: Grants
    /// Everything that he may do.
    public var permissions: [String]
    /// Whether he signs in with a second factor.
    public var hasSecondFactor: Bool
    /// Since when he is a member.
    public var since: Date
    /// When he was last seen in the console.
    public var seenAt: Date?

    /// A member with everything that is known of him.
    public init(
      id: UUID, email: String, role: String, grants: Grants, permissions: [String], hasSecondFactor: Bool,
      since: Date, seenAt: Date?
    ) {
      self.id = id
      self.email = email
      self.role = role
      self.grants = grants
      self.permissions = permissions
      self.hasSecondFactor = hasSecondFactor
      self.since = since
      self.seenAt = seenAt
    }
  }

  /// The request that says what a member is and may do from now on.
  public struct ChangeMember: Codable, Sendable, Equatable {
    /// What he is.
    public var role: String
    /// What is to change of what he may do beside that; absent means nothing.
    public var grants: GrantsChange?

    /// A member of that role.
    public init(role: String, grants: GrantsChange? = nil) {
      self.role = role
      self.grants = grants
    }
  }

  /// The request that invites a person.
  public struct Invite: Codable, Sendable, Equatable {
    /// The address that he will sign in with.
    public var email: String
    /// What he will be.
    public var role: String
    /// What he will be able to do beside that; absent means nothing.
    public var grants: Grants?

    /// An invitation of `email` as `role`.
    public init(email: String, role: String, grants: Grants? = nil) {
      self.email = email
      self.role = role
      self.grants = grants
    }
  }

  /// The offer to become a member.
  public struct Invitation: Codable, Sendable, Equatable {
    /// The identity.
    public var id: UUID
    /// The address that it was made for.
    public var email: String
    /// What the person will be.
    public var role: String
    /// What he will be able to do beside that.
    public var grants: Grants
    /// Who invited him.
    public var invitedBy: String
    /// When.
    public var createdAt: Date
    /// When the link ends.
    public var expiresAt: Date
    /// The link, in the answer to its making only.
    public var link: String?
    /// Whether the person got the link by mail, in the answer to its making only; nil where no mail is sent.
    public var mailed: Bool?
    /// Why he did not.
    public var mailProblem: String?

    /// An invitation with everything that is known of it.
    public init(
      id: UUID, email: String, role: String, grants: Grants, invitedBy: String, createdAt: Date,
      expiresAt: Date, link: String?, mailed: Bool? = nil, mailProblem: String? = nil
    ) {
      self.id = id
      self.email = email
      self.role = role
      self.grants = grants
      self.invitedBy = invitedBy
      self.createdAt = createdAt
      self.expiresAt = expiresAt
      self.link = link
      self.mailed = mailed
      self.mailProblem = mailProblem
    }
  }
}
