import Foundation
import Jobs
import Postgres

/// Keeps the audit log in PostgreSQL. Numbers, times and the chain come from its triggers.
struct PostgresAuditStore: AuditStore {
  let database: Database

  private static let columns: SQL = """
    number, at, organisation_id, person_id, who, door, address, action, kind, subject_id, subject, before::text as before,
      after::text as after
    """

  func add(_ note: AuditNote, _ transaction: (any Transaction)?) async throws {
    let (subject, actor) = (note.subject, note.actor)
    try await database.runner(in: transaction).execute(
      """
      insert into audit_log (organisation_id, person_id, who, door, address, action, kind, subject_id, subject, before,
        after)
      select \(actor.organisationID), \(actor.isPerson ? actor.userID : nil), \(actor.email), \(actor.door.rawValue),
        \(actor.address), \(note.action.rawValue), \(subject.kind), \(subject.id), \(subject.name),
        \(Self.changed(of: "b", against: "a")), \(Self.changed(of: "a", against: "b"))
      from (select \(note.before)::text::jsonb as b, \(note.after)::text::jsonb as a) as change
      """)
  }

  func list(_ filter: AuditFilter, before: Int?, limit: Int, _ transaction: (any Transaction)?) async throws
    -> [AuditEntry]
  {
    var conditions: [SQL] = filter.conditions
    if let before { conditions.append("number < \(before)") }
    let condition: SQL = .joined(conditions, separator: " and ")
    return try await database.runner(in: transaction).query(
      "select \(Self.columns) from audit_log where \(condition) order by number desc limit \(limit)"
    ).map(AuditEntry.init)
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
  fileprivate var conditions: [SQL] {
    var conditions: [SQL] = ["organisation_id = \(organisation)"]
    // What does not exist for somebody is not told of here, either.
    if let instances { conditions.append("(kind <> 'instance' or subject_id = any(\(instances)))") }
    if let instances {
      conditions.append(
        """
        (kind <> 'job' or subject_id in (select id from job where subject = any(\(instances))
          or not exists (select from instances where instances.id = job.subject)))
        """)
    }
    if let servers { conditions.append("(kind <> 'server' or subject_id = any(\(servers)))") }
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
  fileprivate init(_ row: Row) throws {
    id = try row.get("number")
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
