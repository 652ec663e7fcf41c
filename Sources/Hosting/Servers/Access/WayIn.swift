import Foundation
import Remote

/// Everything that it takes to reach a server over SSH.
struct WayIn: Sendable {
  /// What messages call the server.
  var name: String
  var target: SSHTarget
  var key: SSHKey
  var hostKeys: [HostKey]
  /// Where it may lead; nil for anywhere.
  var policy: AddressPolicy?

  /// A connection that is not made yet.
  ///
  /// - Parameter owner: under which epoch it is made; nil for a look that changes nothing that others own.
  func connection(folder: String, owner: FenceOwner? = nil) -> SSHConnection {
    var routing: SSHConnection.Routing?
    if let policy { routing = { (target) async throws(SSHError) in try await policy.route(target) } }
    return SSHConnection(
      to: target, key: key, hostKeys: hostKeys, folder: folder, name: name, owner: owner, routing: routing)
  }
}

extension Hosting {
  /// The way to `server`, with its private key.
  ///
  /// - Throws: `HostingError`; `SSHError` where what is kept cannot be used.
  static func wayIn(
    to server: Server, store: any ServerStore, masterKey: MasterKey, folder: String,
    _ configuration: HostingConfiguration
  ) async throws -> WayIn {
    guard let access = server.access, let sealed = try await store.privateKey(of: server.id, atOnce)
    else {
      throw HostingError(.internal, "\(server.name) has no way in over SSH.")
    }
    let secret = try masterKey.open(sealed, in: .serverKey, of: server.id)
    return WayIn(
      name: server.name,
      target: try SSHTarget(address: server.address, port: access.port, user: access.user),
      key: try await SSHKey.reading(secret, in: folder),
      hostKeys: try access.hostKeys.map {
        try HostKey(type: $0.type, key: $0.key, fingerprint: $0.fingerprint)
      }, policy: server.addressPolicy(configuration))
  }
}

extension PinnedHostKey {
  init(_ key: HostKey) {
    self.init(type: key.type, key: key.key, fingerprint: key.fingerprint)
  }
}
