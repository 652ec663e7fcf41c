/// One change of the schema: named, applied once, never edited afterwards.
public struct Migration: Sendable {
  /// What it does: SQL, or code for what SQL cannot do.
  enum Content: Sendable {
    case sql(String)
    case code(version: Int, @Sendable (Connection) async throws -> Void)
  }

  /// The list that it belongs to: each list is append-only on its own, so that two parts of the program can grow.
  public let list: String
  /// Its name within the list, such as `0003 ports of an instance`.
  public let name: String
  let content: Content

  /// A script of one or more SQL statements, run in one transaction.
  public init(_ name: String, list: String, sql: StaticString) {
    self.init(name: name, list: list, content: .sql("\(sql)"))
  }

  /// Code that runs in one transaction. Raise `version` when you must change what it does before a release.
  public init(
    _ name: String, list: String, version: Int, code: @escaping @Sendable (Connection) async throws -> Void
  ) {
    self.init(name: name, list: list, content: .code(version: version, code))
  }

  private init(name: String, list: String, content: Content) {
    self.name = name
    self.list = list
    self.content = content
  }

  /// What the checksum is made of.
  var fingerprint: String {
    switch content {
    case .sql(let text): text
    case .code(let version, _): "code \(version)"
    }
  }
}

/// Why a database cannot be brought to this program's schema.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The database has a migration that this program does not know: the program is older than the schema.
  case unknown(list: String, name: String)
  /// The program's list does not begin with what was applied, in that order.
  case reordered(list: String, applied: String, found: String)
  /// An applied migration was edited.
  case changed(list: String, name: String)
  /// The program's list names a migration twice.
  case duplicate(list: String, name: String)
  /// A migration failed; nothing of it was kept.
  case failed(list: String, name: String, reason: String)

  /// What happened and what to do.
  public var description: String {
    switch self {
    case .unknown(let list, let name):
      "the database was changed by a newer program: it has the migration '\(name)' (\(list)), which this program "
        + "does not know. Start the newer program, or restore a backup from before the upgrade"
    case .reordered(let list, let applied, let found):
      "the migrations (\(list)) of this program are in another order than they were applied in: expected "
        + "'\(applied)', found '\(found)'. New migrations go to the end of the list"
    case .changed(let list, let name):
      "the migration '\(name)' (\(list)) was edited after it had been applied to this database. Undo the edit and "
        + "put the change into a new migration at the end of the list"
    case .duplicate(let list, let name):
      "the migration '\(name)' is twice in the list '\(list)'; names must be unique"
    case .failed(let list, let name, let reason):
      "the migration '\(name)' (\(list)) failed and was undone, the ones before it are kept: \(reason)"
    }
  }
}
