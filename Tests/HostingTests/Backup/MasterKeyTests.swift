import Foundation
import Postgres
import PostgresTesting
import Remote
import Testing

@testable import Hosting

@Suite struct MasterKeyRotationTests {
  /// Columns of bytes that hold no secret sealed under the master key, and what they hold.
  static let unsealed: Set = [
    "installation.master_key_check",  // recognises the key
    "sessions.token_hash", "api_tokens.token_hash", "sign_in_links.token_hash",  // hashes
    "sign_in_challenges.token_hash", "invitations.token_hash", "invitations.mailed_hash",
    "recovery_codes.code_hash",
    "audit_log.previous", "audit_log.hash",
    "schema_migration.checksum",
  ]

  @Test func `every column of bytes is either listed as sealed, or known not to be`() async throws {
    try await withDatabase(migrations: Schema.migrations) { database in
      let columns: [String] = try await database.query(
        """
        select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and data_type = 'bytea'
        """
      ).map { try $0.get("name") }
      let sealed = Set(SealedColumn.all.map { "\($0.table).\($0.column)" })
      #expect(sealed.count == SealedColumn.all.count)
      #expect(
        Set(columns) == sealed.union(Self.unsealed),
        "a column that is sealed under the master key belongs into SealedColumn.all, or its values are lost when the key is changed"
      )
    }
  }

  @Test func `every secret opens under the new key, and none under the old one`() async throws {
    try await BackupScene.with { scene in
      let database = scene.hosting.database
      let id: UUID = try await database.query("select id from instances")[0].get("id")
      let sealed = try #require(try await scene.hosting.instanceStore.secrets(of: id, atOnce))
      let before = try scene.key.open(sealed, of: id)
      // A tombstone keeps its secrets, and they are sealed anew as well.
      try await database.execute("update instances set removed_at = now()")
      let new = MasterKey()
      let count = try await scene.alone { try await scene.key.rotate(to: new, in: $0) }
      #expect(count == 2)
      let noted = try await database.query(
        "select action from audit_log order by id desc limit 1")
      #expect(try noted.first?.get("action") == "installation.key")
      let resealed = try #require(try await scene.hosting.instanceStore.secrets(of: id, atOnce))
      #expect(try new.open(resealed, of: id).databasePassword == before.databasePassword)
      #expect(try new.open(resealed, of: id).masterPassword == before.masterPassword)
      #expect(throws: HostingError.self) { try scene.key.open(resealed, of: id) }
      #expect(try await KeptKey(database)?.isOf(new) == true)
      #expect(try await new.placesThatDoNotOpen(database).isEmpty)
      #expect(try await scene.key.placesThatDoNotOpen(database).count == 2)
      #expect(try await MasterKey.right(among: [scene.key, new], in: database)?.base64 == new.base64)
    }
  }

  @Test func `a wrong key, the same key, or a secret that does not open change nothing`() async throws {
    try await BackupScene.with { scene in
      let database = scene.hosting.database
      let before = try await scene.sealedValues()
      let wrong = await #expect(throws: HostingError.self) {
        try await scene.alone { try await MasterKey().rotate(to: MasterKey(), in: $0) }
      }
      #expect(wrong?.message == "The master key is not the one under which this database was written.")
      let same = await #expect(throws: HostingError.self) {
        try await scene.alone { try await scene.key.rotate(to: scene.key, in: $0) }
      }
      #expect(same?.message == "The new master key is the present one.")
      #expect(try await scene.sealedValues() == before)

      try await database.execute("update instances set master_password = '\\x00'")
      let bent = try await scene.sealedValues()
      let damaged = await #expect(throws: HostingError.self) {
        try await scene.alone { try await scene.key.rotate(to: MasterKey(), in: $0) }
      }
      #expect(damaged?.message.contains("/master_password does not open") == true)
      #expect(try await scene.sealedValues() == bent)
      #expect(try await KeptKey(database)?.isOf(scene.key) == true)
    }
  }

  @Test func `the key is not changed below a control plane that runs`() async throws {
    try await BackupScene.with { scene in
      let before = try await scene.sealedValues()
      let error = try await scene.hosting.database.withConnection { connection in
        try await connection.query("select 1")
        return await #expect(throws: HostingError.self) {
          let database = Database(
            scene.hosting.database.configuration, connections: 1, logger: BackupScene.logger)
          _ = try await scene.key.rotate(to: MasterKey(), in: database)
        }
      }
      #expect(
        error?.message.hasPrefix("Something else is connected to the control plane's database: odeum (")
          == true)
      #expect(try await scene.sealedValues() == before)
    }
  }

  @Test func `a database written under a key is not opened without one`() async throws {
    try await BackupScene.with { scene in
      let error = await #expect(throws: HostingError.self) {
        try await MasterKey.right(among: [], in: scene.hosting.database)
      }
      #expect(error?.message == "The database was written under a master key, and there is none.")
    }
    let none = try await withDatabase { try await MasterKey.right(among: [], in: $0) }
    #expect(none == nil)
  }
}

/// The files at every moment at which a change of the key may be cut off.
@Suite struct MasterKeyFileTests {
  let file: MasterKeyFile
  let present: MasterKey
  let new = MasterKey()

  init() throws {
    file = MasterKeyFile(try temporaryFolder() + "/master.key")
    present = try file.make()
  }

  @Test func `cut off before the database knew the new key: the present one stays`() throws {
    try file.prepare(new)
    #expect(try Set(file.candidates().map(\.base64)) == [present.base64, new.base64])
    try file.settle(on: present)
    #expect(try file.candidates().map(\.base64) == [present.base64])
    #expect(try names == ["master.key"])
  }

  @Test func `cut off after that: the new one takes its place and the former one is kept`() throws {
    try file.prepare(new)
    try file.settle(on: new)
    try file.settle(on: new)
    #expect(try file.candidates().map(\.base64) == [new.base64])
    #expect(try MasterKey.kept(at: file.oldPath).base64 == present.base64)
    #expect(try names == ["master.key", "master.key.old"])
    for name in try names {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func `cut off between the two files`() throws {
    try file.prepare(new)
    try PrivateFile.write(present.base64.reveal() + "\n", to: file.oldPath)
    try file.settle(on: new)
    #expect(try file.candidates().map(\.base64) == [new.base64])
    #expect(try MasterKey.kept(at: file.oldPath).base64 == present.base64)
  }

  @Test func `changed twice, the key before the last change is kept`() throws {
    try file.prepare(new)
    try file.settle(on: new)
    let third = MasterKey()
    try file.prepare(third)
    try file.settle(on: third)
    #expect(try MasterKey.kept(at: file.oldPath).base64 == new.base64)
    #expect(try file.candidates().map(\.base64) == [third.base64])
  }

  @Test func `without files there are no candidates, and none is made`() throws {
    let other = MasterKeyFile(folder + "/other.key")
    #expect(try other.candidates().isEmpty)
    #expect(try names == ["master.key"])
  }

  private var folder: String { URL(filePath: file.path).deletingLastPathComponent().path() }
  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
  }
}

extension BackupScene {
  /// Lends a single connection, after which nobody else is connected.
  fileprivate func alone<Value: Sendable>(_ body: (Database) async throws -> Value) async throws -> Value {
    // Connections of the pool that others opened end; it opens new ones when it is used again.
    let name = hosting.database.configuration.database
    var configuration = hosting.database.configuration
    configuration.database = "postgres"
    let maintenance = Database(configuration, connections: 1, logger: Self.logger)
    try await maintenance.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = \(name)")
    await maintenance.close()
    let database = Database(hosting.database.configuration, connections: 1, logger: Self.logger)
    do {
      let value = try await body(database)
      await database.close()
      return value
    } catch {
      await database.close()
      throw error
    }
  }

  fileprivate func sealedValues() async throws -> [Data] {
    try await hosting.database.query(
      "select database_password, master_password, (select master_key_check from installation) as key from instances"
    ).flatMap {
      [try $0.get("database_password"), try $0.get("master_password"), try $0.get("key")] as [Data]
    }
  }
}
