import Docker
import Foundation
import Synchronization
import Testing

@testable import Hosting
@testable import Remote

@Suite("The way to servers", .timeLimit(.minutes(1)))
struct FleetTests {
  @Test func `who waits for a connection that is closed while it is made gets the next one`() async throws {
    try await withHosting { hosting in
      let organisation = try await hosting.person(Hosting.firstEmail).organisationID
      let server = StoreScene.server("web1", of: organisation)
      try await hosting.serverStore.insert(server, privateKey: Data([1]), atOnce)
      try await hosting.serverStore.setValidated(server.id, at: Date(), atOnce)
      let connector = HesitantConnector()
      let fleet = Fleet(
        configuration: hosting.configuration, installation: hosting.installation,
        servers: hosting.serverStore,
        jobs: hosting.jobs, connector: connector, held: HeldServers())
      let waiting = Task { try await fleet.link(to: server.id, epoch: nil) }
      for await _ in connector.hesitations { break }
      // As validating does, which owns the server anew.
      await fleet.close(server.id)
      _ = try await waiting.value
      #expect(connector.made == 2)
      await fleet.closeAll()
    }
  }
}

/// Makes connections, of which the first is never there.
private final class HesitantConnector: ServerConnector {
  let local: any Remote.Host = LocalHost()
  let localEngine = DockerEngine(socket: "/nonexistent")
  /// Something comes when the first one is being made.
  let hesitations: AsyncStream<Void>
  private let hesitation: AsyncStream<Void>.Continuation
  private let count = Mutex(0)

  init() { (hesitations, hesitation) = AsyncStream.makeStream() }

  var made: Int { count.withLock { $0 } }

  func connection(to server: Server, owner: FenceOwner?) async throws -> any ServerConnection {
    let number = count.withLock { count in
      count += 1
      return count
    }
    return Connection(hesitation: number == 1 ? hesitation : nil)
  }

  func engine(as name: String, reach: @escaping @Sendable () async throws -> Void) throws -> DockerEngine {
    localEngine
  }

  func folder() throws -> String { "/nonexistent" }

  private struct Connection: ServerConnection {
    let host: any Remote.Host = LocalHost()
    let user = "root"
    let hesitation: AsyncStream<Void>.Continuation?

    func connect() async throws {
      guard let hesitation else { return }
      hesitation.yield()
      // Until it is cancelled.
      try await Task.sleep(for: .seconds(3600))
    }

    func bringEngine(as name: String) async throws {}
    func close() async {}
  }
}
