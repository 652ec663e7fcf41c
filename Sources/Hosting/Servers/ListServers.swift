import Foundation

extension Hosting {
  /// The servers that the organisation of the one who asks may use.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func servers(by actor: Actor) async throws -> [Server] {
    try actor.require(.viewServers)
    return try await serverStore.list(
      for: actor.organisationID, isOperator: actor.isOperator, atOnce
    ).filter { actor.reaches(server: $0.id) }
  }

  /// The server that `reference` (name or id) names.
  ///
  /// - Throws: `HostingError`: `notFound` also where it is not for the organisation of the one who asks;
  ///   `forbidden`.
  public func server(_ reference: String, by actor: Actor) async throws -> Server {
    try actor.require(.viewServers)
    guard
      let server = try await serverStore.find(
        reference, for: actor.organisationID, isOperator: actor.isOperator, atOnce),
      actor.reaches(server: server.id)
    else { throw HostingError.notFound("server", reference) }
    return server
  }

  /// The server that `reference` names, for one who may change it: the operator for those of his, owners and admins
  /// for those of their organisation.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`.
  func controlled(_ reference: String, by actor: Actor) async throws -> Server {
    let server = try await server(reference, by: actor)
    try actor.requireControl(of: server.organisationID)
    return server
  }
}

extension Actor {
  /// Whether this person may change `server`.
  public func controls(_ server: Server) -> Bool {
    server.organisationID == nil ? isOperator : can(.manageServers) && server.organisationID == organisationID
  }

  /// Refuses unless this person may change the servers of `owner`, nil being the operator.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  func requireControl(of owner: UUID?) throws {
    guard let owner else {
      guard isOperator else {
        throw HostingError(
          .forbidden, "This server belongs to the operator, and only the operator changes it.",
          suggestion: "Ask who runs this installation of Odeum.")
      }
      return
    }
    try require(.manageServers)
    guard owner == organisationID else {
      throw HostingError(.forbidden, "This server belongs to another organisation.")
    }
  }
}
