import Foundation

extension API {
  /// The request that makes an API token.
  public struct CreateToken: Codable, Sendable, Equatable {
    /// What it is for.
    public var name: String
    /// When it ends; absent means never.
    public var expiresAt: Date?
    /// What it may do: `read`, or permissions by name; absent means all that its person may do.
    public var scopes: [String]?

    /// A request for a token called `name`.
    public init(name: String, expiresAt: Date? = nil, scopes: [String]? = nil) {
      self.name = name
      self.expiresAt = expiresAt
      self.scopes = scopes
    }
  }
}
