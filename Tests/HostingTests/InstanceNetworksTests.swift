import Docker
import Foundation
import Remote
import Testing

@testable import Hosting

/// Networks of instances on a real engine.
@Suite(.timeLimit(.minutes(3))) struct InstanceNetworksTests {
  /// Runs `body` with a runtime and the beginning of names, and removes the networks whose names begin with it.
  private func withNetworks(
    in range: String, _ body: @Sendable (DockerRuntime, String) async throws -> Void
  ) async throws {
    var configuration = HostingConfiguration()
    configuration.instanceRange = try #require(AddressRange(range))
    try await withHosting(configuration: configuration) { hosting in
      let server = try await hosting.serverStore.all(atOnce)[0]
      let runtime = await hosting.fleet.looking(at: server.reference)
      let begin = "odeum-test-\(UUID().uuidString.prefix(8).lowercased())"
      let result: Result<Void, any Error>
      do { result = .success(try await body(runtime, begin)) } catch { result = .failure(error) }
      for network in try await runtime.engine.networks() where network.name.hasPrefix(begin) {
        try await runtime.engine.removeNetwork(network.id)
      }
      try result.get()
    }
  }

  @Test func `networks take small ranges, which Docker has thousands of, and none of its own 31`()
    async throws
  {
    try await withNetworks(in: "198.18.0.0/15") { runtime, begin in
      for number in 1...3 { try await runtime.ensureNetwork("\(begin)-\(number)", labels: [:]) }
      let networks = try await runtime.engine.networks().filter { $0.name.hasPrefix(begin) }
      let ranges = networks.flatMap(\.subnets)
      #expect(networks.count == 3 && Set(ranges).count == 3)
      #expect(
        ranges.allSatisfy { $0.hasSuffix("/28") && ($0.hasPrefix("198.18.") || $0.hasPrefix("198.19.")) })
    }
  }

  @Test func `a range that somebody takes at the same moment is passed over, and that none is free is told`()
    async throws
  {
    try await withNetworks(in: "198.51.100.64/26") { runtime, begin in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 1...4 {
          group.addTask { try await runtime.ensureNetwork("\(begin)-\(number)", labels: [:]) }
        }
        try await group.waitForAll()
      }
      try await runtime.ensureNetwork("\(begin)-1", labels: [:])
      let error = await #expect(throws: HostingError.self) {
        try await runtime.ensureNetwork("\(begin)-5", labels: [:])
      }
      #expect(error?.code == .conflict && error?.suggestion?.contains("ODEUM_INSTANCE_RANGE") == true)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "makes a bridge, as root only can"))
  func `a bridge that Docker has forgotten keeps its range to itself`() async throws {
    let host = LocalHost()
    @Sendable func ip(_ words: Word...) async throws {
      try await host.output(of: Command("ip", words: words), deadline: .seconds(20))
    }
    try await withNetworks(in: "203.0.113.96/27") { runtime, name in
      func range() async throws -> String {
        try #require(try await runtime.engine.network(name)?.subnets.first)
      }
      try await runtime.ensureNetwork(name, labels: [:])
      let taken = try await range()
      try await runtime.engine.removeNetwork(name)
      // As Docker leaves it: up, with the range's first address.
      let bridge = Word("br-" + name.suffix(8))
      let first = taken.replacing(/(\d+)\/28/) { "\((Int($0.output.1) ?? 0) + 1)/28" }
      try await ip("link", "add", bridge, "type", "bridge")
      let result: Result<String, any Error>
      do {
        try await ip("addr", "add", Word(first), "dev", bridge)
        try await ip("link", "set", bridge, "up")
        try await runtime.ensureNetwork(name, labels: [:])
        result = .success(try await range())
      } catch {
        result = .failure(error)
      }
      try await ip("link", "delete", bridge)
      #expect(try result.get() != taken)
    }
  }
}
