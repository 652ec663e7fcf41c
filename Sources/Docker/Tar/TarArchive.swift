import NIOCore

/// Files as a tar archive holds them, in their order.
public struct TarArchive: Sendable, Hashable {
  /// The files, folders and links.
  public var entries: [ArchiveFile]

  /// An archive of these entries.
  public init(_ entries: [ArchiveFile] = []) {
    self.entries = entries
  }
}

/// A file, folder or link in an archive.
public struct ArchiveFile: Sendable, Hashable {
  /// What an entry is.
  public enum Content: Sendable, Hashable {
    /// A file of these bytes.
    case file([UInt8])
    /// A folder.
    case folder
    /// A symbolic link to this path.
    case link(to: String)
  }

  /// Its path within the archive, without a slash in front. Taken from elsewhere it may hold `..`: not for use as
  /// a path on this machine without a check.
  public var name: String
  /// What it is.
  public var content: Content
  /// Its twelve permission bits.
  public var mode: UInt16
  /// Its owner's number.
  public var uid: Int
  /// Its group's number.
  public var gid: Int
  /// When it was last changed, in seconds since 1970. The same by default for all, so that equal files make equal
  /// archives.
  public var modified: Int

  /// A file of `bytes`, by default root's and readable by all.
  public init(_ name: String, _ bytes: [UInt8], mode: UInt16 = 0o644, uid: Int = 0, gid: Int = 0) {
    self.init(name: name, content: .file(bytes), mode: mode, uid: uid, gid: gid)
  }

  /// A file of `text`, by default root's and readable by all.
  public init(_ name: String, text: String, mode: UInt16 = 0o644, uid: Int = 0, gid: Int = 0) {
    self.init(name, Array(text.utf8), mode: mode, uid: uid, gid: gid)
  }

  /// An entry of these parts.
  public init(
    name: String, content: Content, mode: UInt16, uid: Int = 0, gid: Int = 0, modified: Int = 0
  ) {
    self.name = name
    self.content = content
    self.mode = mode & 0o7777
    self.uid = uid
    self.gid = gid
    self.modified = modified
  }

  /// A folder, by default root's and open to all.
  public static func folder(_ name: String, mode: UInt16 = 0o755, uid: Int = 0, gid: Int = 0) -> ArchiveFile {
    ArchiveFile(name: name, content: .folder, mode: mode, uid: uid, gid: gid)
  }

  /// A symbolic link.
  public static func link(_ name: String, to target: String) -> ArchiveFile {
    ArchiveFile(name: name, content: .link(to: target), mode: 0o777)
  }

  /// The bytes of a file; `nil` for what is none.
  public var bytes: [UInt8]? {
    guard case .file(let bytes) = content else { return nil }
    return bytes
  }
}

/// The layout of a header block (POSIX.1-2017, pax: ustar Interchange Format).
enum TarBlock {
  static let size = 512
  static let name = 0..<100
  static let mode = 100..<108
  static let uid = 108..<116
  static let gid = 116..<124
  static let length = 124..<136
  static let modified = 136..<148
  static let checksum = 148..<156
  static let kind = 156
  static let linkTarget = 157..<257
  static let magic = 257..<265
  static let prefix = 345..<500

  /// The sum of the header's bytes, with its own field as spaces.
  static func sum(of block: some Collection<UInt8>) -> Int {
    block.enumerated().reduce(0) { $0 + (checksum.contains($1.offset) ? 0x20 : Int($1.element)) }
  }
}
