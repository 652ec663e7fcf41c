import Foundation
import Postgres

/// What came of a request that has a key.
public enum Once<Made: Sendable, Known: Sendable>: Sendable {
  /// It was done just now.
  case made(Made)
  /// The same request had been made before; this is what came of it, without what is said only once.
  case before(Known)
}

/// What is made under a key of the one who asks.
enum KeyedKind: String, Sendable {
  case token, organisation, invitation, server
}

/// The key that makes a repeated request the same request, for one person and one kind of thing.
struct RequestKey: Sendable {
  let kind: KeyedKind
  private let text: String

  /// - Parameter key: what the one who asks chose; nil where he chose none.
  init?(_ key: String?, _ kind: KeyedKind, by actor: Actor) {
    guard let key else { return nil }
    self.kind = kind
    text = "\(actor.organisationID) \(actor.userID) \(key)"
  }

  /// Notes in the transaction that makes `subject` that it was made under this key. The same request that comes in at
  /// the same time waits here for the end of the transaction.
  ///
  /// - Throws: `PostgresError` with constraint `request_keys_pkey` where it was done before.
  func remember(_ subject: UUID, _ connection: Connection) async throws {
    try await connection.execute(
      "insert into request_keys (kind, key, subject) values (\(kind.rawValue), \(text), \(subject))")
    try await connection.execute(
      """
      delete from request_keys where (kind, key) in (
        select kind, key from request_keys where created_at < now() - interval '7 days' limit 100
        for update skip locked)
      """)
  }

  fileprivate func subject(_ database: Database) async throws -> UUID? {
    try await database.query(
      "select subject from request_keys where kind = \(kind.rawValue) and key = \(text)"
    ).first?.get("subject")
  }
}

extension Hosting {
  /// What `make` makes, or what it made when the same was asked for before.
  ///
  /// - Parameter known: finds what was made; nil where it is gone.
  /// - Throws: what `make` throws; `HostingError` with code `conflict` where what was made is gone.
  func once<Made: Sendable, Known: Sendable>(
    _ key: RequestKey?, known: (UUID) async throws -> Known?, _ make: () async throws -> Made
  ) async throws -> Once<Made, Known> {
    guard let key else { return .made(try await make()) }
    if let before: Known = try await before(key, known) { return .before(before) }
    do {
      return .made(try await make())
    } catch let error as PostgresError where error.isUniqueViolation("request_keys_pkey") {
      guard let before: Known = try await before(key, known) else { throw error }
      return .before(before)
    } catch let error as HostingError where error.code == .conflict {
      // It may be in the way of itself: the very same request may have come in twice at the same time.
      guard let before: Known = try await before(key, known) else { throw error }
      return .before(before)
    }
  }

  private func before<Known>(_ key: RequestKey, _ known: (UUID) async throws -> Known?) async throws -> Known?
  {
    guard let subject = try await key.subject(database) else { return nil }
    do {
      if let found = try await known(subject) { return found }
    } catch let error as HostingError where error.code == .notFound {
      // Told below in the same words.
    }
    throw HostingError(
      .conflict, "The same request was made before, and the \(key.kind.rawValue) that came of it is gone.",
      suggestion: "Send another Idempotency-Key to make a new one.",
      fields: [.init("Idempotency-Key", "It was used for a \(key.kind.rawValue) that is gone.")])
  }
}

extension Schema {
  static let requestKeys = Migration(
    "keys of requests", list: "hosting",
    sql: """
      create table request_keys (
        kind text not null,
        key text not null,
        subject uuid not null,
        created_at timestamptz not null default now(),
        primary key (kind, key)
      );
      create index request_keys_age on request_keys (created_at);
      comment on table request_keys is
        'what was made under the Idempotency-Key of a person, so that a repeated request makes nothing; kept for a week';
      """)
}
