import Crypto
import Foundation
import Postgres
import Remote

/// The key by which somebody lets a request count once, with what is asked for under it.
public struct IdempotencyKey: Sendable, Hashable {
  let text: String
  /// Tells the wish again. A wish may have a password in it, so that even this is sealed where it is kept.
  let fingerprint: Secret

  /// - Parameter wish: what is asked for, in a form that is the same for the same wish.
  /// - Throws: `HostingError` with code `invalid` where the key is too long to be kept.
  public init(_ text: String, wish: Data) throws {
    guard text.count <= 200 else {
      throw HostingError(
        .invalid, "The Idempotency-Key has more than 200 characters.", suggestion: "A UUID does well.",
        fields: [.init("Idempotency-Key", "It has at most 200 characters.")])
    }
    self.text = text
    fingerprint = Secret(Data(SHA256.hash(data: wish)).base64EncodedString())
  }
}

/// What came of a request that has a key.
public enum Once<Made: Sendable, Known: Sendable>: Sendable {
  /// It was done just now.
  case made(Made)
  /// The same request had been made before; this is what came of it, without what is said only once.
  case before(Known)
}

/// What is made under a key of the one who asks.
enum KeyedKind: String, Sendable {
  case token, organisation, invitation, server, instance
}

/// The key that makes a repeated request the same request, for one person and one kind of thing.
struct RequestKey: Sendable {
  let kind: KeyedKind
  private let text: String
  private let fingerprint: Secret
  private let masterKey: MasterKey

  /// - Parameter key: what the one who asks chose.
  init(_ key: IdempotencyKey, _ kind: KeyedKind, by actor: Actor, _ masterKey: MasterKey) {
    self.kind = kind
    self.masterKey = masterKey
    text = "\(actor.organisationID) \(actor.userID) \(key.text)"
    fingerprint = key.fingerprint
  }

  /// Notes in the transaction that makes `subject` that it was made under this key. The same request that comes in at
  /// the same time waits here for the end of the transaction.
  ///
  /// - Throws: `PostgresError` with constraint `request_keys_pkey` where it was done before.
  func remember(_ subject: UUID, _ connection: Connection) async throws {
    let id = UUID()
    let wish = try masterKey.seal(fingerprint, in: .wish, of: id)
    try await connection.execute(
      """
      insert into request_keys (id, kind, key, subject, wish)
      values (\(id), \(kind.rawValue), \(text), \(subject), \(wish))
      """)
    try await connection.execute(
      """
      delete from request_keys where (kind, key) in (
        select kind, key from request_keys where created_at < now() - interval '7 days' limit 100
        for update skip locked)
      """)
  }

  /// What was made under this key; nil where nothing was.
  ///
  /// - Throws: `HostingError` with code `invalid` where something else was asked for under it.
  fileprivate func subject(_ database: Database) async throws -> UUID? {
    guard
      let row = try await database.query(
        "select id, subject, wish from request_keys where kind = \(kind.rawValue) and key = \(text)"
      ).first
    else { return nil }
    let wish: Data? = try row.get("wish")
    if let wish, try masterKey.open(wish, in: .wish, of: row.get("id")) != fingerprint {
      throw HostingError(
        .invalid, "This Idempotency-Key was used for another request.",
        suggestion: "Send another key with what differs; the same one is for sending the same once more.",
        fields: [.init("Idempotency-Key", "It was used for another request.")])
    }
    return try row.get("subject")
  }
}

extension Hosting {
  /// What `make` makes, or what it made when the same was asked for before.
  ///
  /// - Parameters:
  ///   - key: nil where whoever asks chose none.
  ///   - known: finds what was made; nil where it is gone.
  /// - Throws: what `make` throws; `HostingError`: `conflict` where what was made is gone, `invalid` where something else
  ///   was asked for under the key.
  func once<Made: Sendable, Known: Sendable>(
    _ key: IdempotencyKey?, _ kind: KeyedKind, by actor: Actor, known: (UUID) async throws -> Known?,
    _ make: (RequestKey?) async throws -> Made
  ) async throws -> Once<Made, Known> {
    guard let key = key.map({ RequestKey($0, kind, by: actor, masterKey) }) else {
      return .made(try await make(nil))
    }
    if let before: Known = try await before(key, known) { return .before(before) }
    do {
      return .made(try await make(key))
    } catch let error as PostgresError where error.isUniqueViolation("request_keys_pkey") {
      guard let before: Known = try await before(key, known) else { throw error }
      return .before(before)
    } catch let error as HostingError {
      // It may be in the way of itself: the very same request may have come in twice at the same time, and have taken a name,
      // or the last place of a plan.
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

  static let wishesOfRequests = Migration(
    "what was asked for under keys of requests", list: "hosting",
    sql: """
      alter table request_keys
        add column id uuid not null default gen_random_uuid() unique,
        add column wish bytea;
      comment on column request_keys.wish is
        'sealed fingerprint of what was asked for; null where it was asked for before there were any';
      """)
}
