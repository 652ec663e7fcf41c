import Hosting

/// Finds out who holds a session or a token.
struct Identities: Sendable {
  /// Who holds the session; nil where it is unknown or over.
  var session: @Sendable (String) async throws -> Actor?
  /// Who holds the API token; nil where it is unknown or over.
  var token: @Sendable (String) async throws -> Actor?
}
