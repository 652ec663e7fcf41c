import Foundation
import Postgres

/// A browser in which a person is signed in.
public struct Session: Sendable, Equatable {
  /// The identity.
  public var id: UUID
  /// The IP address from which the person signed in.
  public var address: String
  /// What the browser called itself then.
  public var userAgent: String
  /// When the person signed in.
  public var createdAt: Date
  /// When it was last used, to the minute.
  public var seenAt: Date
  /// Whether it is the one by which is asked.
  public var isPresent: Bool
}

extension Hosting {
  /// Where the one who asks is signed in, the last used first.
  ///
  /// - Throws: `HostingError` with code `forbidden` for a token with scopes.
  public func sessions(by actor: Actor) async throws -> [Session] {
    try actor.requireWholePerson()
    return try await database.query(
      """
      select id, address, user_agent, created_at, seen_at from sessions
      where person_id = \(actor.userID) and expires_at > now()
        and seen_at > now() - make_interval(secs => \(Self.sessionIdleTime))
      order by seen_at desc, id
      """
    ).map { row in
      let id: UUID = try row.get("id")
      return Session(
        id: id, address: try row.get("address"), userAgent: try row.get("user_agent"),
        createdAt: try row.get("created_at"), seenAt: try row.get("seen_at"), isPresent: id == actor.session)
    }
  }

  /// Ends a session of the one who asks.
  ///
  /// - Throws: `HostingError`: `notFound`; `forbidden` for a token with scopes.
  public func endSession(_ id: UUID, by actor: Actor) async throws {
    try actor.requireWholePerson()
    try await database.transaction { connection in
      let ended = try await connection.query(
        "delete from sessions where id = \(id) and person_id = \(actor.userID) returning address")
      guard let row = ended.first else { throw HostingError.notFound("session", id.uuidString.lowercased()) }
      try await note(
        .endSession, .person(actor), before: ["address": row.get("address", as: String.self)], by: actor,
        connection)
    }
  }

  /// Ends every session of the one who asks but the one by which he asks, where it is one.
  ///
  /// - Returns: how many were ended.
  /// - Throws: `HostingError` with code `forbidden` for a token with scopes.
  public func endOtherSessions(by actor: Actor) async throws -> Int {
    try actor.requireWholePerson()
    return try await database.transaction { connection in
      let ended = try await connection.execute(
        "delete from sessions where person_id = \(actor.userID) and id is distinct from \(actor.session)")
      if ended > 0 {
        try await note(.endSession, .person(actor), before: ["sessions": ended], by: actor, connection)
      }
      return ended
    }
  }

  /// Ends what the former password of `person` let in: every session but `session`, and what waits for a code after it.
  func endSignIns(of person: UUID, but session: UUID? = nil, _ connection: Connection) async throws {
    try await connection.execute(
      "delete from sessions where person_id = \(person) and id is distinct from \(session)")
    try await connection.execute("delete from sign_in_challenges where person_id = \(person)")
  }
}
