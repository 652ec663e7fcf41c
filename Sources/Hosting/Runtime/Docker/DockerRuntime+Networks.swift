import Docker
import Remote

/// Networks of instances, each with a small range of addresses.
///
/// Left to itself, Docker has ranges for 31 networks, of 4,096 addresses and more (moby, `default-address-pools`; counted
/// with 20.10.24): a server's 31st instance would have none.
extension DockerRuntime {
  /// The fixed bits of a range: 13 containers can be on a network.
  private static let rangeBits = 28
  /// How often Docker may refuse a range that seemed free, since somebody else took it at that moment.
  private static let refusals = 20

  /// The network `name`, made unless it is there.
  ///
  /// - Throws: `HostingError` with code `conflict` where it is somebody else's, or where no range is free.
  func ensureNetwork(_ name: String, labels: [String: String]) async throws {
    if let there = try await engine.network(name) {
      try refuseForeign("network", name, there.labels, ours: labels)
      return
    }
    // Docker that is killed while it makes a network leaves the bridge behind, of which it knows nothing when it is back
    // (seen with 20.10.24). A second one with the same range would be out of the host's reach.
    let linked = try await host.linkedNetworks()
    let taken = linked + (try await engine.networks().flatMap(\.subnets).compactMap { AddressRange($0) })
    let ranges = configuration.instanceRange.parts(of: Self.rangeBits)
    var refusals = Self.refusals
    // Each name begins elsewhere, so that two that are made at once do not want the same.
    let first = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % max(ranges.count, 1)
    for range in [ranges.dropFirst(first), ranges.prefix(first)].joined()
    where refusals > 0 && !taken.contains(where: range.overlaps) {
      do {
        _ = try await engine.createNetwork(name, labels: labels, subnet: range.description)
        return
      } catch DockerError.rangeTaken {
        refusals -= 1
      }
    }
    throw HostingError(
      .conflict,
      "On \(server.name) there is no free range of addresses in \(configuration.instanceRange) for the network \(name).",
      suggestion:
        "Remove networks that nobody needs (docker network prune), or set ODEUM_INSTANCE_RANGE to a larger range."
    )
  }
}
