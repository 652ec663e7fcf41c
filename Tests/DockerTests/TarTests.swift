import Foundation
import NIOCore
import Remote
import Testing

@testable import Docker

@Suite("Tar")
struct TarTests {
  let archive = TarArchive([
    .folder("etc", mode: 0o750, uid: 5, gid: 6),
    ArchiveFile("etc/odoo.conf", text: "[options]\n", mode: 0o640, uid: 101, gid: 102),
    ArchiveFile("empty", []),
    ArchiveFile("block", [UInt8](repeating: 7, count: 512)),
    ArchiveFile(String(repeating: "long/", count: 60) + "name", text: "x"),
    ArchiveFile("naïve 🐘", text: "y"),
    ArchiveFile(String(repeating: "n", count: 100), text: "100"),
    .link("link", to: String(repeating: "t", count: 150)),
    ArchiveFile(
      name: "later", content: .file([1]), mode: 0o4755, uid: 3_000_000, gid: 4_000_000,
      modified: 1_700_000_000),
  ])

  @Test("what is written is read back whole")
  func roundTrip() throws {
    #expect(try TarArchive(reading: archive.encoded()) == archive)
    #expect(try TarArchive(reading: TarArchive().encoded()) == TarArchive())
  }

  @Test("GNU tar reads what is written, with names, modes, owners and targets")
  func readByTar() async throws {
    let bytes = Array(try archive.encoded().readableBytesView)
    let listing = try await LocalHost().text(
      of: Command(
        "tar", "--numeric-owner", "--quoting-style=literal", "-tvf", "-", environment: ["LC_ALL": "C.UTF-8"],
        input: bytes), deadline: .seconds(30))
    let lines = listing.split(separator: "\n")
    #expect(lines.count == archive.entries.count)
    #expect(lines[0].hasPrefix("drwxr-x--- 5/6"))
    #expect(lines[1].hasPrefix("-rw-r----- 101/102") && lines[1].hasSuffix("etc/odoo.conf"))
    #expect(lines[4].hasSuffix(String(repeating: "long/", count: 60) + "name"))
    #expect(lines[5].hasSuffix("naïve 🐘"))
    #expect(lines[7].hasSuffix("link -> " + String(repeating: "t", count: 150)))
    #expect(lines[8].hasPrefix("-rwsr-xr-x 3000000/4000000"))
  }

  @Test("what GNU tar writes is read, in each of its formats", arguments: ["gnu", "pax", "ustar"])
  func writtenByTar(format: String) async throws {
    let folder = NSTemporaryDirectory() + "odeum-tar-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let deep = (1...20).map { "folder-\($0)" }.joined(separator: "/")
    try FileManager.default.createDirectory(atPath: folder + "/" + deep, withIntermediateDirectories: true)
    let content = (0..<1500).map { UInt8(truncatingIfNeeded: $0) }
    try Data(content).write(to: URL(fileURLWithPath: folder + "/" + deep + "/file"))
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "file")
    let bytes = try await LocalHost().output(
      of: Command("tar", "--format=\(format)", "-C", Word(folder), "-cf", "-", "link", "folder-1"),
      deadline: .seconds(30))
    let read = try TarArchive(reading: ByteBuffer(bytes: bytes))
    #expect(read.entries.first { $0.name == deep + "/file" }?.bytes == content)
    #expect(read.entries.first { $0.name == "link" }?.content == .link(to: "file"))
    #expect(read.entries.contains { $0.name == deep && $0.content == .folder })
  }

  @Test("a damaged or cut archive is an error")
  func damaged() throws {
    var bytes = Array(try archive.encoded().readableBytesView)
    #expect(throws: DockerError.self) { try TarArchive(reading: ByteBuffer(bytes: bytes[..<1100])) }
    #expect(throws: DockerError.self) { try TarArchive(reading: ByteBuffer(bytes: bytes[..<1536])) }
    #expect(throws: DockerError.self) { try TarArchive(reading: ByteBuffer()) }
    bytes[0] ^= 1
    #expect(throws: DockerError.self) { try TarArchive(reading: ByteBuffer(bytes: bytes)) }
    #expect(throws: DockerError.self) {
      try TarArchive(reading: ByteBuffer(bytes: [UInt8](repeating: 1, count: 512)))
    }
  }

  @Test("random bytes in the place of an archive never trap")
  func random() {
    var generator = SystemRandomNumberGenerator()
    let valid = Array((try? archive.encoded().readableBytesView) ?? ByteBuffer().readableBytesView)
    for _ in 0..<300 {
      var bytes = Array(valid.prefix(512 * Int.random(in: 0...12)))
      for _ in 0..<Int.random(in: 0...8) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
        TarTests.mendSums(&bytes)
      }
      _ = try? TarArchive(reading: ByteBuffer(bytes: bytes))
    }
  }

  /// Makes the check sums of all blocks right, so that damage gets past them.
  static func mendSums(_ bytes: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count - 511, by: 512) where bytes[start + 257] == UInt8(ascii: "u")
    {
      let sum = TarBlock.sum(of: bytes[start..<start + 512])
      let digits = String(sum, radix: 8)
      let field = Array((String(repeating: "0", count: 6 - digits.count) + digits).utf8) + [0, 0x20]
      bytes.replaceSubrange(start + 148..<start + 156, with: field)
    }
  }

  @Test(
    "names that leave the folder are not written", arguments: ["", "/etc/passwd", "a/../../b", "..", "a\0b"])
  func names(name: String) {
    #expect(throws: DockerError.self) { try TarArchive([ArchiveFile(name, [])]).encoded() }
  }
}
