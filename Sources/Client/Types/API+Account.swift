import Foundation

extension API {
  /// Who asks, as the server sees it.
  public struct Account: Codable, Sendable, Equatable {
    /// The address with which the person signs in.
    public var email: String
    /// The organisation's slug.
    public var organisation: String
    /// `owner`, `admin`, `developer`, `tester` or `viewer`.
    public var role: String
    /// Whether the person runs the installation.
    public var isOperator: Bool
    /// Everything that may be done by this token or session.
    public var permissions: [String]

    /// Who asks.
    public init(email: String, organisation: String, role: String, isOperator: Bool, permissions: [String]) {
      self.email = email
      self.organisation = organisation
      self.role = role
      self.isOperator = isOperator
      self.permissions = permissions
    }
  }

  /// An API token, as it is listed; its secret is said once, when it is made.
  public struct Token: Codable, Sendable, Equatable {
    /// The identity, for revoking it.
    public var id: UUID
    /// What it is for.
    public var name: String
    /// When it was made.
    public var createdAt: Date
    /// When it was last used, to the minute.
    public var lastUsedAt: Date?
    /// When it ends.
    public var expiresAt: Date?
    /// The only permissions that it has; absent: all that its person has.
    public var scopes: [String]?
    /// The secret, in the answer to its making only.
    public var secret: String?

    /// A token.
    public init(
      id: UUID, name: String, createdAt: Date, lastUsedAt: Date?, expiresAt: Date?, scopes: [String]?,
      secret: String?
    ) {
      self.id = id
      self.name = name
      self.createdAt = createdAt
      self.lastUsedAt = lastUsedAt
      self.expiresAt = expiresAt
      self.scopes = scopes
      self.secret = secret
    }
  }
}
