import Foundation

extension Hosting {
  /// The servers that the organisation of the one who asks may use.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func servers(by actor: Actor) async throws -> [Server] {
    try actor.require(.viewServers)
    return try await told(
      serverStore.list(for: actor.organisationID, isOperator: actor.isOperator, atOnce)
        .filter { actor.reaches(server: $0.id) }, to: actor)
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
    return try await told([server], to: actor)[0]
  }

  /// What `actor` may know of `servers`: who does not run one learns nothing of those who share it with him, and counts what
  /// exists for him on it.
  func told(_ servers: [Server], to actor: Actor) async throws -> [Server] {
    let partly = servers.filter { !actor.knowsAll(of: $0) }
    guard !partly.isEmpty else { return servers }
    let loads = try await serverStore.load(
      of: partly, by: actor.organisationID, only: actor.instances, atOnce)
    return servers.map { server in
      guard !actor.knowsAll(of: server) else { return server }
      var server = server
      server.load = loads[server.id] ?? ServerLoad()
      if !actor.controls(server) { server.sharedWith = [] }
      return server
    }
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

  /// Whether everything on `server` exists for this person.
  fileprivate func knowsAll(of server: Server) -> Bool { controls(server) && instances == nil }

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
