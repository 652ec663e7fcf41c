import Foundation
import Remote

/// What it takes to reach the database of an instance with a program of one's own.
public struct DatabaseAccess: Sendable {
  /// The database's name.
  public var database: String
  /// The user that owns it.
  public var user: String
  /// The user's password.
  public var password: Secret
  /// The port of PostgreSQL on the server's loopback address.
  public var port: Int
  /// Where the server answers to SSH; nil for the machine that the control plane runs on, and where the server is not for
  /// the one who asks to see.
  public var server: SSHPlace?

  /// Where a server answers to SSH.
  public struct SSHPlace: Sendable {
    /// Its address.
    public var address: String
    /// The TCP port.
    public var port: Int
  }

  /// A command that brings the port to the own machine, for somebody with an account `YOU` on the server.
  public var tunnel: String? {
    server.map { place in
      let port = place.port == 22 ? "" : "-p \(place.port) "
      return "ssh -N -L \(self.port):127.0.0.1:\(self.port) \(port)YOU@\(place.address)"
    }
  }

  /// A command that opens the database, on the server itself or behind the tunnel. It asks for the password.
  public var client: String { "psql --host=127.0.0.1 --port=\(port) --username=\(user) \(database)" }
}

extension Hosting {
  /// What it takes to reach the database of an instance. That somebody looked at the password is noted: with it he is
  /// whoever he likes in Odoo.
  ///
  /// - Throws: `HostingError`: `forbidden`, `notFound`.
  public func databaseAccess(of reference: String, by actor: Actor) async throws -> DatabaseAccess {
    try actor.require(.connectAsUsers)
    let instance = try await instance(reference, by: actor)
    guard let sealed = try await instanceStore.secrets(of: instance.id, atOnce) else {
      throw HostingError.notFound("instance", reference)
    }
    let password = try masterKey.open(sealed, of: instance.id).databasePassword
    var server: Server?
    if actor.can(.viewServers), actor.reaches(server: instance.server.id) {
      server = try await serverStore.get(instance.server.id, atOnce)
    }
    try await note(.revealDatabase, .instance(instance), by: actor, atOnce)
    return DatabaseAccess(
      database: instance.database.text, user: instance.databaseRole.text, password: password,
      port: PortBlock(base: instance.basePort).database,
      server: server.flatMap { server in
        server.access.map { DatabaseAccess.SSHPlace(address: server.address, port: $0.port) }
      })
  }
}
