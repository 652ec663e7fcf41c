import Docker
import Foundation
import PostgresTesting
import Testing

@testable import Hosting

/// How much instances store, measured on the real engine.
@Suite("What instances store") struct StorageTests {
  @Test func `what an instance has in its volumes is counted`() async throws {
    try await Stand.standing { stand in
      let written = try await stand.engine.exec(
        stand.names.odoo,
        ExecSpec(["sh", "-c", "head -c 3000000 /dev/zero > /var/lib/odoo/filler && sync"], user: "0"))
      #expect(written.exitCode == 0, "\(written)")
      try await stand.watch.look()
      try await stand.watch.measureStorage()
      let bytes: Int = try await stand.hosting.database.query(
        "select bytes from instance_storage where instance_id = \(stand.id)")[0].get("bytes")
      #expect((3_000_000..<10_000_000).contains(bytes), "\(bytes)")
    }
  }

  @Test
  func `files in a folder of the server are counted, and nothing is told of them while it is not there`()
    async throws
  {
    try await Stand.standing { stand in
      let folder = URL.temporaryDirectory.appending(path: "odeum-files-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "attachment")
      try Data(count: 20_000_000).write(to: file)
      let labels = [
        Label.installation: stand.runtime.installation.uuidString, Label.instance: stand.id.uuidString,
      ]
      let volume = try await stand.engine.createVolume(
        "\(stand.names.odoo)-folder", labels: labels, boundTo: folder.path)
      func stored() async throws -> Int? {
        try await stand.runtime.storedBytes(in: stand.runtime.seeVolumes())[stand.id]
      }
      let bytes = try await stored() ?? 0
      #expect((20_000_000..<30_000_000).contains(bytes), "\(bytes)")
      try FileManager.default.removeItem(at: folder)
      #expect(try await stored() == nil)
      try await stand.engine.removeVolume(volume.name)
    }
  }
}
