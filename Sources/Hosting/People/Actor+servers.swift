extension Actor {
  /// Refuses unless this person may change `server`, as everything that changes one does.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func requireControl(of server: Server) throws { try requireControl(of: server.organisationID) }

  /// Refuses unless this person may add servers to his organisation.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func requireAddingServers() throws { try requireControl(of: organisationID) }
}
