import Foundation
import Postgres

/// Writes and reads the audit log. Numbers, times and the chain come from the database.
struct AuditStore: Sendable {
  static let columns: SQL = """
    id, at, organisation_id, person_id, who, door, address, action, kind, subject_id, subject, before::text as before,
      after::text as after
    """

  /// Notes what `actor` did. Of `before` and `after` only the members that differ are kept. Other entries wait for
  /// the end of the transaction, so this comes late in it.
  func add(
    _ action: AuditAction, _ subject: AuditSubject, before: (any Encodable & Sendable)?,
    after: (any Encodable & Sendable)?, by actor: Actor, _ connection: some SQLRunner
  ) async throws {
    let before = try before.map(Self.json)
    let after = try after.map(Self.json)
    try await connection.execute(
      """
      insert into audit_log (organisation_id, person_id, who, door, address, action, kind, subject_id, subject, before,
        after)
      select \(actor.organisationID), \(actor.isPerson ? actor.userID : nil), \(actor.email), \(actor.door.rawValue),
        \(actor.address), \(action.rawValue), \(subject.kind), \(subject.id), \(subject.name),
        \(Self.changed(of: "b", against: "a")), \(Self.changed(of: "a", against: "b"))
      from (select \(before)::text::jsonb as b, \(after)::text::jsonb as a) as change
      """)
  }

  /// The entries that match, newest first.
  func list(_ filter: AuditFilter, before: Int?, limit: Int, _ connection: some SQLRunner) async throws
    -> [AuditEntry]
  {
    var conditions: [SQL] = filter.conditions
    if let before { conditions.append("id < \(before)") }
    let condition: SQL = .joined(conditions, separator: " and ")
    return try await connection.query(
      "select \(Self.columns) from audit_log where \(condition) order by id desc limit \(limit)"
    ).map(AuditEntry.init)
  }

  private static func json(_ value: any Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The members of one object that the other one has not in the same way; null where there is no such object.
  private static func changed(of one: SQL, against other: SQL) -> SQL {
    """
    (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(\(one))
     where \(other) is null or \(other) -> key is distinct from value
     having \(one) is not null)
    """
  }
}

extension AuditFilter {
  var conditions: [SQL] {
    var conditions: [SQL] = ["organisation_id = \(organisation)"]
    if let person { conditions.append("person_id = \(person)") }
    if let action {
      // “server” finds all that was done to servers.
      conditions.append("(action = \(action) or starts_with(action, \(action + ".")))")
    }
    if let subject { conditions.append("subject_id = \(subject)") }
    if let from { conditions.append("at >= \(from)") }
    if let until { conditions.append("at < \(until)") }
    if let search, !search.isEmpty {
      let text = search.lowercased()
      conditions.append(
        """
        (position(\(text) in lower(who)) > 0 or position(\(text) in lower(subject)) > 0
          or position(\(text) in lower(before::text)) > 0 or position(\(text) in lower(after::text)) > 0)
        """)
    }
    return conditions
  }
}

extension AuditEntry {
  init(_ row: Row) throws {
    id = try row.get("id")
    at = try row.get("at")
    organisation = try row.get("organisation_id")
    person = try row.get("person_id")
    who = try row.get("who")
    door = try row.get("door")
    address = try row.get("address")
    action = try row.get("action")
    subject = AuditSubject(
      try row.get("kind"), try row.get("subject_id"), try row.get("subject"))
    before = try row.get("before")
    after = try row.get("after")
  }
}
