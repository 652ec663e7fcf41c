import Foundation

extension API {
  /// The request that makes an API token.
  public struct CreateToken: Codable, Sendable, Equatable {
    /// What it is for.
    public var name: String
    /// When it ends; absent means never.
    public var expiresAt: Date?

    /// A request for a token called `name`.
    public init(name: String, expiresAt: Date? = nil) {
      self.name = name
      self.expiresAt = expiresAt
    }
  }
}
