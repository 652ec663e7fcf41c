import Docker
import Foundation
import Remote

/// How the fleet reaches servers: over OpenSSH, or in a simulation.
protocol ServerConnector: Sendable {
  /// The machine of the control plane.
  var local: any Remote.Host { get }
  /// The Docker engine of that machine, for looking.
  var localEngine: DockerEngine { get }
  /// Whether that machine is connected to as others are, by whoever acts on it under an epoch.
  var hasGate: Bool { get }

  /// A connection to `server` that is not made yet; to the machine of the control plane only where it has a gate.
  ///
  /// - Parameter owner: under which epoch it is made; nil for a look that changes nothing that others own.
  /// - Throws: `HostingError`; `SSHError` where what is kept of the way in cannot be used.
  func connection(to server: Server, owner: FenceOwner?) async throws -> any ServerConnection

  /// The Docker engine that connections bring as `name`.
  ///
  /// - Parameter reach: run before every call; makes the connection.
  /// - Throws: `HostingError` where there is no place for its socket.
  func engine(as name: String, reach: @escaping @Sendable () async throws -> Void) throws -> DockerEngine

  /// A folder of this machine in which files of connections may be made.
  func folder() throws -> String
}

extension ServerConnector {
  var hasGate: Bool { false }
}

/// A connection to one server. One that was lost comes back when it is used.
protocol ServerConnection: Sendable {
  /// The server at its end.
  var host: any Remote.Host { get }
  /// As whom.
  var user: String { get }

  /// Makes the connection unless it is there.
  func connect() async throws
  /// Brings the server's Docker engine here, as `name`.
  func bringEngine(as name: String) async throws
  /// Ends the connection and what runs through it.
  func close() async
}
