import Foundation
import Postgres

/// A person in an organisation.
public struct Member: Sendable, Equatable {
  /// The person.
  public var person: UUID
  /// The address with which he signs in.
  public var email: String
  /// What he is.
  public var role: Role
  /// What he may do beside his role, and what exists for him.
  public var grants: Grants
  /// Whether he signs in with a second factor.
  public var hasSecondFactor: Bool
  /// Since when.
  public var since: Date
  /// When he was last seen in the console; nil where he has no session.
  public var seenAt: Date?

  /// What he may do, of everything that there is.
  public var permissions: Set<Permission> { grants.permissions(of: role) }
}

/// Reads and writes memberships. Rules are not here.
struct MemberStore: Sendable {
  private static let columns: SQL = """
    select m.person_id, p.email, m.role, m.actions, m.projects, m.servers, m.instances,
      p.totp_since is not null as has_second_factor, m.created_at,
      (select max(seen_at) from sessions s where s.person_id = p.id) as seen_at
    from memberships m join people p on p.id = m.person_id
    """

  /// Every member of `organisation`, owners first, then by address.
  func all(in organisation: UUID, _ connection: some SQLRunner) async throws -> [Member] {
    try await connection.query(
      """
      \(Self.columns) where m.organisation_id = \(organisation)
      order by array_position(array['owner', 'admin', 'developer', 'tester', 'viewer'], m.role), p.email
      """
    ).map(Member.init)
  }

  /// The member `person` of `organisation`, nil where he is none. The organisation's members do not change until the
  /// end of the transaction.
  func hold(_ person: UUID, in organisation: UUID, _ connection: Connection) async throws -> Member? {
    try await connection.query("select from organisations where id = \(organisation) for update")
    return try await connection.query(
      "\(Self.columns) where m.organisation_id = \(organisation) and m.person_id = \(person)"
    ).first.map(Member.init)
  }

  /// How many owners `organisation` has.
  func owners(of organisation: UUID, _ connection: Connection) async throws -> Int {
    try await connection.query(
      "select count(*) from memberships where organisation_id = \(organisation) and role = 'owner'"
    )[0].get(at: 0)
  }

  func insert(
    _ person: UUID, as role: Role, _ grants: Grants, in organisation: UUID, _ connection: Connection
  ) async throws {
    try await connection.execute(
      """
      insert into memberships (person_id, organisation_id, role, actions, projects, servers, instances)
      values (\(person), \(organisation), \(role.rawValue), \(grants.actionNames), \(grants.projects?.sortedList),
        \(grants.servers?.sortedList), \(grants.instances?.sortedList))
      """)
  }

  func update(
    _ person: UUID, to role: Role, _ grants: Grants, in organisation: UUID, _ connection: Connection
  ) async throws {
    try await connection.execute(
      """
      update memberships set role = \(role.rawValue), actions = \(grants.actionNames),
        projects = \(grants.projects?.sortedList), servers = \(grants.servers?.sortedList),
        instances = \(grants.instances?.sortedList)
      where person_id = \(person) and organisation_id = \(organisation)
      """)
  }

  /// Ends a membership and the tokens that the person made there. Sessions are the person's own; in other
  /// organisations they go on.
  func delete(_ person: UUID, from organisation: UUID, _ connection: Connection) async throws {
    try await connection.execute(
      "delete from api_tokens where person_id = \(person) and organisation_id = \(organisation)")
    try await connection.execute(
      "delete from memberships where person_id = \(person) and organisation_id = \(organisation)")
  }
}

extension Grants {
  /// The columns `actions`, `projects`, `servers` and `instances`.
  init(_ row: Row) throws {
    self.init()
    actions = try row.get("actions", as: [String]?.self).map { Set($0.compactMap(Permission.init)) }
    projects = try row.get("projects", as: [UUID]?.self).map { Set($0) }
    servers = try row.get("servers", as: [UUID]?.self).map { Set($0) }
    instances = try row.get("instances", as: [UUID]?.self).map { Set($0) }
  }

  var actionNames: [String]? { actions?.map(\.rawValue).sorted() }
}

extension Set<UUID> {
  var sortedList: [UUID] { sorted { $0.uuidString < $1.uuidString } }
}

extension Member {
  fileprivate init(_ row: Row) throws {
    self.init(
      person: try row.get("person_id"), email: try row.get("email"), role: try row.get("role"),
      grants: try Grants(row), hasSecondFactor: try row.get("has_second_factor"),
      since: try row.get("created_at"), seenAt: try row.get("seen_at"))
  }
}
