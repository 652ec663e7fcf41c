import Crypto
import Foundation
import Postgres

/// A backup that was written.
public struct WrittenBackup: Sendable {
  /// Where it is.
  public var path: String
  /// How many bytes the file has.
  public var bytes: Int
  /// What it says of itself.
  public var manifest: BackupManifest
  /// Earlier backups that were removed for it.
  public var removed: [String]
}

/// Backs up what the control plane keeps in its database. It may run meanwhile.
///
/// The master key is not part of it. What only holds for a while is not either: sessions, sign-in links and failures to
/// sign in.
public struct BackUpControlPlane: Sendable {
  static let emptiedTables = ["sessions", "sign_in_links", "sign_in_challenges", "sign_in_failures"]

  private let database: Database
  private let key: MasterKey
  private let version: String

  /// - Parameters:
  ///   - database: the control plane's.
  ///   - key: the master key under which it was written.
  ///   - version: the version of Odeum that makes the backup.
  public init(_ database: Database, key: MasterKey, version: String) {
    self.database = database
    self.key = key
    self.version = version
  }

  /// Writes a backup to `place`: read back and found whole before it gets its name. Earlier ones are removed only
  /// after that.
  ///
  /// - Parameter keep: how many backups of this installation stay in the folder; nil for all.
  /// - Throws: `HostingError`, after which there is nothing new and nothing is removed.
  public func write(to place: BackupPlace, keep: Int? = nil) async throws -> WrittenBackup {
    if let keep {
      guard case .folder = place, keep > 0 else {
        throw HostingError(
          .invalid, "How many backups to keep is said of a folder, and at least one is kept.",
          suggestion: "Name a folder with --to, and 1 or more with --keep.")
      }
    }
    return try await tellingOperators {
      var written = try await dump(to: place)
      if let keep {
        let installation = written.manifest.installation
        written.removed = try place.prune(to: keep, keeping: written.path, of: installation)
      }
      return written
    }
  }

  private func dump(to place: BackupPlace) async throws -> WrittenBackup {
    let major = try await database.serverVersion() / 10_000
    let programs = try DumpPrograms.find(forServer: major)
    let configuration = database.configuration
    // The dump sees what this transaction sees: the manifest and the dump are of one moment.
    return try await database.transaction(isolation: .repeatableRead) { connection in
      try await connection.execute("set local idle_in_transaction_session_timeout = 0")
      let manifest = try await manifest(postgres: major, connection)
      let snapshot: String = try await connection.query("select pg_export_snapshot() as name")[0].get("name")
      let target = try place.path(for: manifest.installation, at: Date())
      try place.removeStaleParts(of: manifest.installation)
      let key = key
      return try await onOwnThread("backup") {
        let writer = try BackupWriter(target, manifest, key)
        try programs.dump(
          configuration, snapshot: snapshot, leavingOutRowsOf: Self.emptiedTables, into: writer.append)
        return try writer.finish { path in
          let dump = try BackupFile(at: path).dump()
          try programs.check(dump.next)
          try dump.check()
        }
      }
    }
  }

  /// Everything but the dump's length and checksum.
  private func manifest(postgres: Int, _ connection: Connection) async throws -> BackupManifest {
    guard let kept = try await KeptKey(connection) else {
      throw HostingError(
        .notFound, "There is no control plane in \(database.configuration) that could be backed up.",
        suggestion: "Name the right database or data folder (DATABASE_URL, ODEUM_DATA).")
    }
    try kept.require(key)
    let migrations = try await connection.query("select list, name from schema_migration order by position")
      .map {
        BackupManifest.Migration(list: try $0.get("list"), name: try $0.get("name"))
      }
    let now: Date = try await connection.query("select date_trunc('second', now()) as now")[0].get("now")
    return BackupManifest(
      odeum: version, installation: kept.installation, createdAt: now, postgres: postgres,
      migrations: migrations,
      masterKeyCheck: key.checkValue(installation: kept.installation).hexadecimal,
      dump: .init(bytes: 0, sha256: ""))
  }
}

/// Writes one backup: the dump as it comes, what stands before it in the end.
private final class BackupWriter {
  private let part: PartFile
  private var manifest: BackupManifest
  private let key: MasterKey
  /// How much room the manifest has. It is filled up with blanks.
  private let room: Int
  private let dumpOffset: Int
  private var hash = SHA256()
  private var length = 0

  init(_ target: String, _ manifest: BackupManifest, _ key: MasterKey) throws {
    part = try PartFile(for: target)
    self.manifest = manifest
    self.key = key
    var longest = manifest
    longest.dump = .init(bytes: .max, sha256: String(repeating: "0", count: 64))
    room = BackupTar.padded(try longest.encoded().count + 1)
    dumpOffset = BackupTar.block + room + BackupTar.block + BackupTar.block + BackupTar.block
  }

  func append(_ piece: UnsafeRawBufferPointer) throws {
    hash.update(bufferPointer: piece)
    try part.write(piece, at: dumpOffset + length)
    length += piece.count
  }

  func finish(_ check: (_ path: String) throws -> Void) throws -> WrittenBackup {
    manifest.dump = .init(bytes: length, sha256: hash.finalize().hexadecimal)
    var bytes = try manifest.encoded()
    bytes.append(contentsOf: [UInt8](repeating: 0x20, count: room - bytes.count - 1) + [0x0A])
    let seal = Data(BackupSeal(of: bytes, under: key).text.utf8)
    let modified = Int(manifest.createdAt.timeIntervalSince1970)
    var place = 0
    for (name, content) in [(BackupFile.manifestName, bytes), (BackupFile.sealName, seal)] {
      let header = BackupTar.Header(name: name, length: content.count, modified: modified)
      try part.write(header.bytes, at: place)
      try part.write(content, at: place + BackupTar.block)
      place += BackupTar.block + BackupTar.padded(content.count)
    }
    try part.write(
      BackupTar.Header(name: BackupFile.dumpName, length: length, modified: modified).bytes, at: place)
    let end = dumpOffset + BackupTar.padded(length) + 2 * BackupTar.block
    let zeros = [UInt8](repeating: 0, count: end - dumpOffset - length)
    try part.write(zeros, at: dumpOffset + length)
    try part.keep(after: check)
    return WrittenBackup(path: part.target, bytes: end, manifest: manifest, removed: [])
  }
}
