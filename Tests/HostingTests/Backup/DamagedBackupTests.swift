import Crypto
import Foundation
import Postgres
import PostgresTesting
import Testing

@testable import Hosting

/// Files that are no backup, are not what was written, or were made to do harm.
@Suite struct DamagedBackupTests {
  @Test func `a byte that changed is found wherever it is`() async throws {
    try await BackupScene.with { scene in
      let written = try await scene.backUp()
      let whole = try bytes(of: written.path)
      let backup = try BackupFile(at: written.path)
      let places = [
        0, 130, 600, 512 + backup.manifestBytes.count - 1, backup.dumpOffset - 500, backup.dumpOffset - 1_000,
        backup.dumpOffset, backup.dumpOffset + backup.manifest.dump.bytes / 2,
        backup.dumpOffset + backup.manifest.dump.bytes - 1, whole.count - 1,
      ]
      for place in places {
        var bent = whole
        bent[place] ^= 0x01
        let error = try await scene.refusal(of: scene.file(bent))
        #expect(error?.message.contains(" is damaged: ") == true, "byte \(place): \(error as Any)")
        #expect(error?.suggestion == "Take another copy of it, or an earlier backup. Nothing was changed.")
      }
    }
  }

  @Test func `a file that was cut off is found damaged wherever it ends`() async throws {
    try await BackupScene.with { scene in
      let written = try await scene.backUp()
      let whole = try bytes(of: written.path)
      let offset = try BackupFile(at: written.path).dumpOffset
      for length in [
        0, 1, 512, 1_000, offset - 512, offset, offset + 1, whole.count - 1_024, whole.count - 1,
      ] {
        let error = try await scene.refusal(of: scene.file(whole.prefix(length)))
        #expect(error?.message.contains(" is damaged: ") == true, "\(length) bytes: \(error as Any)")
      }
    }
  }

  @Test func `names in an archive lead nowhere`() async throws {
    try await BackupScene.with { scene in
      let whole = try bytes(of: try await scene.backUp().path)
      for name in ["../../etc/cron.d/odeum", "/etc/cron.d/odeum", "control-plane.dump/../../x"] {
        let evil = scene.entry(name, Data("* * * * * root true\n".utf8))
        let first = try await scene.refusal(of: scene.file(evil + whole))
        #expect(first?.message.hasSuffix("where manifest.json belongs it has “\(name)”.") == true)
        let last = try await scene.refusal(of: scene.file(whole.dropLast(1_024) + evil + Data(count: 1_024)))
        #expect(last?.message.hasSuffix("it holds more than a backup of the control plane has.") == true)
      }
    }
  }

  @Test func `a link in the place of a file is refused`() async throws {
    try await BackupScene.with { scene in
      let whole = try bytes(of: try await scene.backUp().path)
      var header = Array(whole.prefix(512))
      header[156] = UInt8(ascii: "2")
      header.replaceSubrange(157..<168, with: "/etc/shadow".utf8)
      let sum = header.enumerated().reduce(0) {
        $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
      }
      header.replaceSubrange(148..<154, with: String(format: "%06o", sum).utf8)
      let error = try await scene.refusal(of: scene.file(Data(header) + whole.dropFirst(512)))
      #expect(error?.message.hasSuffix("where manifest.json belongs it has “manifest.json”.") == true)
    }
  }

  @Test func `a manifest that claims more than there is is refused without reading it`() async throws {
    try await BackupScene.with { scene in
      var header = BackupTar.Header(name: "manifest.json", length: 1 << 50, modified: 0)
      for length in [1 << 50, 1 << 33, 5_000_000] {
        header.length = length
        let file = try scene.file(Data(header.bytes) + Data(count: 2_048))
        let error = try await scene.refusal(of: file)
        #expect(error?.message.contains(" is damaged: ") == true)
      }
    }
  }

  @Test func `what somebody without the master key wrote is refused`() async throws {
    try await BackupScene.with { scene in
      let written = try await scene.backUp()
      let backup = try BackupFile(at: written.path)
      // A dump of his own, with the right checksum, under the check value that everybody can read.
      let dump = Data("PGDMP drop everything".utf8)
      var manifest = backup.manifest
      manifest.dump = .init(bytes: dump.count, sha256: SHA256.hash(data: dump).hexadecimal)
      let bytes = try manifest.encoded()
      let seal = BackupSeal(of: bytes, under: MasterKey()).text
      let forged =
        scene.entry("manifest.json", bytes) + scene.entry("manifest.seal", Data(seal.utf8))
        + scene.entry("control-plane.dump", dump) + Data(count: 1_024)
      let error = try await scene.refusal(of: scene.file(forged))
      #expect(error?.message.hasSuffix("is damaged: somebody without the master key changed it.") == true)
    }
  }

  @Test func `a dump that cannot be restored leaves nothing`() async throws {
    try await BackupScene.with { scene in
      let backup = try BackupFile(at: try await scene.backUp().path)
      let dump = Data("PGDMP no dump".utf8)
      var manifest = backup.manifest
      manifest.dump = .init(bytes: dump.count, sha256: SHA256.hash(data: dump).hexadecimal)
      let bytes = try manifest.encoded()
      let seal = Data(BackupSeal(of: bytes, under: scene.key).text.utf8)
      let file = try scene.file(
        scene.entry("manifest.json", bytes) + scene.entry("manifest.seal", seal)
          + scene.entry("control-plane.dump", dump) + Data(count: 1_024))
      let error = try await scene.refusal(of: file)
      #expect(error?.message.contains("pg_restore ended with status 1; it said: ") == true)
      #expect(error?.suggestion == "Nothing was changed.")
    }
  }

  @Test func `a backup of a newer Odeum is refused with the version to use`() async throws {
    try await BackupScene.with { scene in
      let backup = try BackupFile(at: try await scene.backUp().path)
      var newer = backup.manifest
      newer.odeum = "12.0.0"
      newer.migrations.append(.init(list: "hosting", name: "teleportation"))
      let unknown = try await scene.refusal(of: scene.resealed(newer, of: backup))
      #expect(
        unknown?.message.contains("made by a newer Odeum (12.0.0): its schema has “teleportation”") == true)
      #expect(unknown?.suggestion?.contains("Restore it with Odeum 12.0.0 or later.") == true)
      newer.format = 2
      let layout = try await scene.refusal(of: scene.resealed(newer, of: backup))
      #expect(layout?.message.contains("made by a newer Odeum: its layout is 2") == true)
    }
  }

  @Test func `another master key is refused, and so is none`() async throws {
    try await BackupScene.with { scene in
      let written = try await scene.backUp()
      let other = try await scene.refusal(of: written.path, keys: [MasterKey(), MasterKey()])
      #expect(other?.message == "\(written.path) was made under another master key.")
      #expect(other?.suggestion?.contains("Give the key from the time of the backup") == true)
      let none = try await scene.refusal(of: written.path, keys: [])
      #expect(none?.suggestion?.contains("Put the master.key from your safe into the data folder") == true)
    }
  }

  @Test func `what is no backup at all says so`() async throws {
    try await BackupScene.with { scene in
      let text = try await scene.refusal(of: scene.file(Data("hello\n".utf8)))
      #expect(text?.message.hasSuffix("is damaged: it is no backup of Odeum.") == true)
      let folder = try await scene.refusal(of: scene.folder)
      #expect(folder?.message == "\(scene.folder) is no file.")
      let missing = try await scene.refusal(of: scene.folder + "/missing.tar")
      #expect(missing?.code == .notFound)
    }
  }

  @Test func `a length beyond 8 GB has a header that is read back`() throws {
    let header = BackupTar.Header(
      name: "control-plane.dump", length: 20 << 33 | 12_345, modified: 1_800_000_000)
    #expect(BackupTar.Header(Data(header.bytes)) == header)
  }
}

extension BackupScene {
  /// A file with these bytes.
  fileprivate func file(_ bytes: Data) throws -> String {
    let path = try temporaryFolder() + "/some.tar"
    try bytes.write(to: URL(filePath: path))
    return path
  }

  fileprivate func entry(_ name: String, _ content: Data) -> Data {
    let header = BackupTar.Header(name: name, length: content.count, modified: 0)
    return Data(header.bytes) + content + Data(count: BackupTar.padded(content.count) - content.count)
  }

  /// The same backup with another manifest, by somebody who has the key.
  fileprivate func resealed(_ manifest: BackupManifest, of backup: BackupFile) throws -> String {
    let bytes = try manifest.encoded()
    let dump = try content(of: backup).dropFirst(backup.dumpOffset).prefix(manifest.dump.bytes)
    return try file(
      entry("manifest.json", bytes)
        + entry("manifest.seal", Data(BackupSeal(of: bytes, under: key).text.utf8))
        + entry("control-plane.dump", Data(dump)) + Data(count: 1_024))
  }

  private func content(of backup: BackupFile) throws -> Data { try bytes(of: backup.path) }
}
