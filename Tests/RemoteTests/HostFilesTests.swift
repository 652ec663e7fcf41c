import Foundation
import Remote
import Testing

@Suite("Files on a host")
struct HostFilesTests {
  let host = LocalHost()

  private func withFolder(_ test: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "odeum files '" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await test(folder)
  }

  @Test("a written file holds exactly the bytes and the mode, and leaves nothing beside it")
  func write() async throws {
    try await withFolder { folder in
      let path = folder + "/-a file; $(id)"
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
      try await host.write([1, 2, 3], to: path)
      try await host.write(bytes, to: path, mode: .readable)
      #expect(try await host.read(path) == bytes)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o644)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["-a file; $(id)"])
    }
  }

  @Test("a file that is not there reads as nil; a folder and a file over the limit are errors")
  func read() async throws {
    try await withFolder { folder in
      #expect(try await host.read(folder + "/none") == nil)
      await #expect(throws: HostError.self) { try await host.read(folder) }
      try await host.write([1, 2, 3, 4], to: folder + "/four")
      await #expect(throws: HostError.self) { try await host.read(folder + "/four", limit: 3) }
    }
  }

  @Test("writing into a folder that is not there fails and names it")
  func missingFolder() async throws {
    try await withFolder { folder in
      let error = await #expect(throws: HostError.self) { try await host.write([1], to: folder + "/no/file") }
      #expect(error?.message.contains("/no/file") == true)
    }
  }
}
