import Foundation
import Remote

extension Hosting {
  /// Asks the SSH server at `address` for its host keys, so that a person can compare a fingerprint with what the
  /// server itself says. Nothing is sent to it and nothing is kept. Who is no operator asks only where `AddressPolicy`
  /// permits.
  ///
  /// - Returns: its keys, the one to compare first.
  /// - Throws: `HostingError`: `invalid` for an address or port that is none; `unavailable` where nothing answers;
  ///   `forbidden`.
  public func hostKeys(of address: String, port: Int, by actor: Actor) async throws -> [PinnedHostKey] {
    if !actor.isOperator { try actor.require(.manageServers) }
    var faults = Faults()
    let target = faults.target(address: address, port: port, user: "root")
    try faults.throwIfAny()
    guard let target else { throw HostingError(.internal, "An address was refused without a reason.") }
    return try await scan(addressPolicy(for: actor).checked(target)).map(PinnedHostKey.init)
  }

  /// Where connections for `actor` may go; nil for anywhere.
  func addressPolicy(for actor: Actor) -> AddressPolicy? {
    actor.isOperator ? nil : configuration.addressPolicy
  }

  /// The host keys of `target`; what goes wrong is told of the field that it comes from.
  func scan(_ target: SSHTarget) async throws -> [HostKey] {
    do {
      return try await HostKey.scan(target)
    } catch let error as SSHError {
      let message = error.message
      throw HostingError(
        error.isTransient ? .unavailable : .invalid, message, suggestion: error.suggestion,
        fields: [.init("address", message)])
    } catch let error as HostError {
      throw HostingError(translating: error)
    }
  }

  /// The key of `target` that a person has confirmed, or else says which one it shows.
  ///
  /// - Parameters:
  ///   - fingerprint: what the person has confirmed; nil where nobody was asked yet.
  ///   - pinned: keys that were confirmed before.
  func confirmedKeys(
    of target: SSHTarget, fingerprint: String?, pinned: [PinnedHostKey] = []
  ) async throws -> [PinnedHostKey] {
    let shown = try await scan(target)
    if let fingerprint {
      let wanted = fingerprint.trimmingCharacters(in: .whitespaces)
      // Only the one that was compared: who stands between can show the others as he likes.
      if let key = shown.first(where: { $0.fingerprint == wanted }) { return [PinnedHostKey(key)] }
      let message =
        "\(target.name) does not show the host key \(wanted), but "
        + shown.map { "\($0.type) \($0.fingerprint)" }.joined(separator: ", ") + "."
      throw HostingError(
        .invalid, message,
        suggestion:
          "Compare with what the server itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there). If it "
          + "differs, somebody may stand between: do not go on.",
        fields: [.init("hostKey", message)])
    }
    let known = pinned.filter { pinned in shown.contains { $0.key == pinned.key } }
    if !known.isEmpty { return known }
    let first = shown.first.map { "\($0.type) \($0.fingerprint)" } ?? "none"
    let message =
      pinned.isEmpty
      ? "\(target.name) shows the host key \(first), and nobody has confirmed it yet."
      : "\(target.name) shows the host key \(first), which is not the one of this server so far."
    throw HostingError(
      .invalid, message,
      suggestion:
        "Compare it with what the server itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then "
        + "send the fingerprint as hostKey.",
      fields: [.init("hostKey", message)])
  }
}

extension Faults {
  /// The target of these parts, or nil with what is wrong noted.
  mutating func target(address: String, port: Int, user: String) -> SSHTarget? {
    do {
      return try SSHTarget(address: address, port: port, user: user)
    } catch let error {
      var field = "address"
      if case .invalidTarget(let part, _) = error { field = part }
      add(field, error.message, suggestion: error.suggestion)
      return nil
    }
  }
}
