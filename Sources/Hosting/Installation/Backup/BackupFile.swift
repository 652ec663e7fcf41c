import Crypto
import Foundation

/// A backup of the control plane: a tar archive of three files in this order, and nothing else.
///
/// ```
/// manifest.json        what it is, see `BackupManifest`
/// manifest.seal        the manifest's SHA-256, and its HMAC under the master key
/// control-plane.dump   the database in the custom format of pg_dump, of the length and SHA-256 in the manifest
/// ```
///
/// Nothing is ever unpacked by name: whatever else an archive holds makes it a damaged one.
struct BackupFile: Sendable {
  static let manifestName = "manifest.json"
  static let sealName = "manifest.seal"
  static let dumpName = "control-plane.dump"

  let path: String
  let manifest: BackupManifest
  let manifestBytes: Data
  let seal: BackupSeal
  /// Where the dump begins.
  let dumpOffset: Int

  /// Reads everything but the dump.
  ///
  /// - Throws: `HostingError` for a file that cannot be read, is no backup, is damaged, or of a later layout.
  init(at path: String) throws {
    let file = try ReadableFile(path)
    var place = 0
    manifestBytes = try Self.member(Self.manifestName, in: file, at: &place, upTo: 4_000_000)
    let sealBytes = try Self.member(Self.sealName, in: file, at: &place, upTo: 1_000)
    guard let seal = BackupSeal(String(decoding: sealBytes, as: UTF8.self)),
      seal.sha256 == SHA256.hash(data: manifestBytes).hexadecimal
    else { throw Self.damaged(path, "its manifest is not the one that was written") }
    let length = try Self.header(Self.dumpName, in: file, at: &place)
    do {
      let format = try BackupManifest.format(of: manifestBytes)
      guard format <= BackupManifest.currentFormat else {
        throw HostingError(
          .conflict,
          "\(path) was made by a newer Odeum: its layout is \(format), and this program knows "
            + "\(BackupManifest.currentFormat).",
          suggestion: "Restore it with that version or a later one.")
      }
      manifest = try BackupManifest.decoded(manifestBytes)
    } catch let error as DecodingError {
      throw Self.damaged(path, "its manifest cannot be read: \(error)")
    }
    guard manifest.dump.bytes == length else {
      throw Self.damaged(path, "its dump has \(length) bytes and should have \(manifest.dump.bytes)")
    }
    self.path = path
    self.seal = seal
    dumpOffset = place
    try Self.requireEnd(file, behind: place, length)
  }

  /// Compares the dump with its checksum.
  ///
  /// - Throws: `HostingError` where it is another one.
  func checkDump() throws {
    let reader = try dump()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while try reader.next(buffer) > 0 {}
    try reader.check()
  }

  /// The dump, for reading it once.
  func dump() throws -> DumpReader {
    DumpReader(file: try ReadableFile(path), place: dumpOffset, of: self)
  }

  /// The content of the file that is to begin at `place`.
  private static func member(
    _ name: String, in file: ReadableFile, at place: inout Int, upTo limit: Int
  ) throws -> Data {
    let length = try header(name, in: file, at: &place)
    guard length <= limit else { throw damaged(file.path, "\(name) has \(length) bytes") }
    let content = try file.read(at: place, count: length)
    guard content.count == length else { throw damaged(file.path, "it ends in the middle of \(name)") }
    place += BackupTar.padded(length)
    return content
  }

  /// The length of the file whose header is to stand at `place`, which is moved behind it.
  private static func header(_ name: String, in file: ReadableFile, at place: inout Int) throws -> Int {
    let block = try file.read(at: place, count: BackupTar.block)
    guard let header = BackupTar.Header(block) else {
      throw damaged(file.path, place == 0 ? "it is no backup of Odeum" : "\(name) is missing")
    }
    guard header.name == name, header.isFile else {
      throw damaged(file.path, "where \(name) belongs it has “\(header.name)”")
    }
    guard header.length <= file.length else { throw damaged(file.path, "it ends in the middle of \(name)") }
    place += BackupTar.block
    return header.length
  }

  /// Behind the dump there are zeros to the end: two blocks of them, or as many as tar likes to write.
  private static func requireEnd(_ file: ReadableFile, behind place: Int, _ length: Int) throws {
    let end = place + BackupTar.padded(length)
    guard file.length >= end + 2 * BackupTar.block else { throw damaged(file.path, "its end is missing") }
    let rest = try file.read(at: place + length, count: min(file.length - place - length, 64_000))
    guard rest.count == file.length - place - length, rest.allSatisfy({ $0 == 0 }) else {
      throw damaged(file.path, "it holds more than a backup of the control plane has")
    }
  }

  static func damaged(_ path: String, _ reason: String) -> HostingError {
    HostingError(
      .invalid, "\(path) is damaged: \(reason).",
      suggestion: "Take another copy of it, or an earlier backup. Nothing was changed.")
  }
}

/// Reads the dump of a backup, and knows in the end whether it was the right one.
final class DumpReader {
  private let file: ReadableFile
  private let backup: BackupFile
  private var place: Int
  private var rest: Int
  private var hash = SHA256()

  init(file: ReadableFile, place: Int, of backup: BackupFile) {
    self.file = file
    self.backup = backup
    self.place = place
    rest = backup.manifest.dump.bytes
  }

  /// Fills `buffer` with the next piece. Returns its length, 0 at the end.
  func next(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard rest > 0 else { return 0 }
    let count = try file.read(at: place, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(rest)))
    guard count > 0 else { throw BackupFile.damaged(file.path, "it ends in the middle of the dump") }
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    place += count
    rest -= count
    return count
  }

  /// - Throws: `HostingError` unless all of it was read and it is what was written.
  func check() throws {
    guard rest == 0, hash.finalize().hexadecimal == backup.manifest.dump.sha256 else {
      throw BackupFile.damaged(backup.path, "its dump is not the one that was written (checksum)")
    }
  }
}
