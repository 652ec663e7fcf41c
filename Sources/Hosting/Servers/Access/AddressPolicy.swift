import Foundation
import Remote

/// Where the control plane connects to for those who run servers of an organisation.
///
/// They name any address and port, and are told what answers there. So only what they could ask from anywhere is
/// connected to, and what the operator opened to them: not the network around the control plane, not the control plane
/// itself, not what only it can ask, such as the metadata of its cloud. Operators connect anywhere.
struct AddressPolicy: Sendable {
  /// Networks that are opened to organisations beside the public Internet.
  var opened: [AddressRange] = []
  /// Finds the addresses of a name.
  var lookUp: @Sendable (String) async -> [String] = { await AddressLookup.addresses(of: $0) }
  /// The addresses of this machine.
  var own: @Sendable () -> Set<String> = { AddressLookup.ofThisMachine() }

  /// Public addresses at which clouds tell machines of theirs about themselves.
  private static let clouds: Set = ["168.63.129.16"]

  /// Whether the IP address `text` may be connected to.
  func permits(_ text: String) -> Bool {
    guard !AddressRange.isLocalOnly(text), !Self.clouds.contains(text), !own().contains(text) else {
      return false
    }
    return AddressRange.isPublic(text) || opened.contains { $0.contains(text) }
  }

  /// `target` at the first of its addresses that may be connected to, and at no other: a name that leads elsewhere a
  /// moment later does not take the connection along.
  ///
  /// - Throws: `SSHError.addressRefused` where there is none; it says nothing of what the name leads to.
  func route(_ target: SSHTarget) async throws(SSHError) -> SSHTarget {
    guard let address = await lookUp(target.address).first(where: permits) else {
      throw .addressRefused(host: target.name)
    }
    return try target.reached(at: address)
  }
}

extension HostingConfiguration {
  /// Where the control plane connects to for organisations.
  var addressPolicy: AddressPolicy { AddressPolicy(opened: openedNetworks) }
}

extension Server {
  /// Where connections to it may go; nil for anywhere.
  func addressPolicy(_ configuration: HostingConfiguration) -> AddressPolicy? {
    organisationID == nil || leadsAnywhere ? nil : configuration.addressPolicy
  }
}

extension AddressPolicy? {
  /// `target` as it may be connected to.
  ///
  /// - Throws: `HostingError` with code `invalid` that names the field `address`.
  func checked(_ target: SSHTarget) async throws -> SSHTarget {
    guard let self else { return target }
    do {
      return try await self.route(target)
    } catch let error {
      throw HostingError(
        .invalid, error.message, suggestion: error.suggestion, fields: [.init("address", error.message)])
    }
  }
}
