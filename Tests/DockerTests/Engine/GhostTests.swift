import Foundation
import Synchronization
import Testing

@testable import Docker

/// What a dockerd that was killed at a bad moment leaves behind. A fake one, since dockerd cannot be killed here; the
/// end-to-end tests do it on a server.
@Suite struct GhostTests {
  private static let version = FakeEngine.Answer.json(
    #"{"ApiVersion":"1.41","MinAPIVersion":"1.12","Version":"20.10.24"}"#)
  private static let start = "POST /v1.41/containers/7f3a/start"
  private static let disconnect = "POST /v1.41/networks/odeum-shop/disconnect"
  private static let look = "GET /v1.41/containers/7f3a/json"
  private static let removal = "DELETE /v1.41/networks/odeum-shop"

  /// An engine on which a ghost is in the way of `request`, and goes when it is taken off the network.
  private func withGhost(
    refusing request: String, with message: String, members: String = "{}",
    container: FakeEngine.Answer = .json(#"{"message":"No such container: 7f3a"}"#, status: 404),
    _ test: (DockerEngine) async throws -> Void
  ) async throws -> [String] {
    let asked = Mutex<[String]>([])
    let answer: @Sendable (String) -> FakeEngine.Answer = { line in
      if line == "GET /version" { return Self.version }
      let isGone = asked.withLock { asked in
        defer { asked.append(line) }
        return asked.contains(Self.disconnect)
      }
      if line == Self.look { return container }
      if line.hasPrefix("GET ") {
        return .json(#"{"Id":"5d1c","Name":"odeum-shop","Containers":\#(isGone ? "{}" : members)}"#)
      }
      return line == request && !isGone ? .json(#"{"message":"\#(message)"}"#, status: 403) : .json("{}")
    }
    try await FakeEngine.run(answering: answer) { try await test(DockerEngine(socket: $0.socket)) }
    return asked.withLock { $0 }
  }

  @Test func `a ghost in the way of a container is an error of its own`() async throws {
    let message = "endpoint with name odeum-shop already exists in network odeum-shop"
    let asked = try await withGhost(refusing: Self.start, with: message) { engine in
      await #expect(
        throws: DockerError.ghostEndpoint(name: "odeum-shop", network: "odeum-shop", message: message)
      ) { try await engine.start("7f3a") }
    }
    #expect(asked == [Self.start])
  }

  @Test(arguments: [
    (#"{"ep-91ab":{"Name":"odeum-shop"}}"#, []), (#"{"7f3a":{"Name":"odeum-shop"}}"#, [look]),
  ])
  func `a network that only ghosts are on is removed`(_ members: String, looks: [String]) async throws {
    let asked = try await withGhost(
      refusing: Self.removal, with: "network odeum-shop has active endpoints", members: members
    ) { try await $0.removeNetwork("odeum-shop") }
    #expect(
      asked == [Self.removal, "GET /v1.41/networks/odeum-shop"] + looks + [Self.disconnect, Self.removal])
  }

  @Test func `a network that a container is on stays`() async throws {
    let asked = try await withGhost(
      refusing: Self.removal, with: "network odeum-shop has active endpoints",
      members: #"{"7f3a":{"Name":"tool-of-somebody"}}"#,
      container: .json(
        #"{"Id":"7f3a","Name":"/tool","Image":"","State":{"Status":"running","Running":true}}"#)
    ) { engine in
      await #expect(throws: DockerError.self) { try await engine.removeNetwork("odeum-shop") }
    }
    #expect(asked == [Self.removal, "GET /v1.41/networks/odeum-shop", Self.look, Self.removal])
  }
}
