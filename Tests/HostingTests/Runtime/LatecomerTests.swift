import Docker
import Foundation
import Testing

@testable import Hosting

/// Volumes of an instance on a real engine, with a container that nobody has looked for.
@Suite(.timeLimit(.minutes(3))) struct LatecomerTests {
  @Test func `a container that comes into being behind the removal of containers keeps no volume`()
    async throws
  {
    try await withHosting { hosting in
      let server = try await hosting.serverStore.all(atOnce)[0]
      let runtime = await hosting.fleet.looking(at: server.reference)
      let id = UUID()
      let labels = [Label.installation: hosting.installation.uuidString, Label.instance: id.uuidString]
      let name = "odeum-late-\(id.uuidString.prefix(8).lowercased())"
      _ = try await runtime.engine.createVolume(name, labels: labels)
      var spec = ContainerSpec(image: "postgres:17", command: ["true"])
      spec.labels = labels
      spec.mounts = [Mount(.volume(name), at: "/data")]
      let container = try await runtime.engine.createContainer(name, spec)
      await #expect(throws: DockerError.self) { try await runtime.engine.removeVolume(name) }
      try await runtime.removeVolumes(of: id)
      #expect(try await runtime.engine.volume(name) == nil)
      #expect(try await runtime.engine.container(container) == nil)
    }
  }
}
