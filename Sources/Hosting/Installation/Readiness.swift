/// Whether the control plane can serve requests, and why not.
public struct Readiness: Sendable, Equatable {
  /// Whether it can.
  public var isReady: Bool
  /// Why, in one sentence.
  public var reason: String

  /// Ready or not, because of `reason`.
  public init(isReady: Bool, reason: String) {
    self.isReady = isReady
    self.reason = reason
  }
}

extension Hosting {
  /// Whether requests can be served now.
  public func readiness() async -> Readiness {
    do {
      try await database.query("select 1")
      return Readiness(isReady: true, reason: "The database answers.")
    } catch {
      return Readiness(isReady: false, reason: HostingError(translating: error).message)
    }
  }
}
