import Foundation

extension API.Call where Answer == API.Account {
  /// Who asks, as the server sees it.
  public static var account: Self { Self(.get, "account") }
}

extension API.Call where Answer == API.Page<API.Token> {
  /// The tokens of the person who asks.
  public static var tokens: Self { Self(.get, "tokens") }
}

extension API.Call where Answer == API.Token {
  /// Makes a token called `name`, which ends at `expiresAt` (absent: never) and may do what `scopes` say (absent: what
  /// its person may do). The answer alone has the secret.
  public static func createToken(name: String, expiresAt: Date? = nil, scopes: [String]? = nil) throws -> Self
  {
    let wish = API.CreateToken(name: name, expiresAt: expiresAt, scopes: scopes)
    return Self(.post, "tokens", body: try API.encoder().encode(wish))
  }
}

extension API.Call where Answer == API.Nothing {
  /// Ends the token `id` at once.
  public static func revokeToken(_ id: UUID) -> Self {
    Self(.delete, "tokens", id.uuidString.lowercased())
  }
}
