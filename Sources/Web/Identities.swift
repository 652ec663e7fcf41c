import Hosting

/// Finds out who holds a session or a token, for the organisation with a slug, or for the one that goes with it.
struct Identities: Sendable {
  /// Who holds the session; nil where it is unknown or over.
  ///
  /// - Throws: `HostingError` with code `notFound` where he does not belong to that organisation.
  var session: @Sendable (_ token: String, _ organisation: String?) async throws -> Actor?
  /// Who holds the API token; nil where it is unknown or over.
  ///
  /// - Throws: as `session`.
  var token: @Sendable (_ secret: String, _ organisation: String?) async throws -> Actor?
}
