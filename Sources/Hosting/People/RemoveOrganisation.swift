import Foundation
import Postgres

extension Hosting {
  /// Removes an organisation that has nothing left: its members, invitations and tokens go, its slug is free again. The
  /// row stays for the audit log; its removal stands in the log of an organisation of the operator.
  ///
  /// - Throws: `HostingError`: `forbidden` for whoever is no operator; `notFound`; `conflict` with a list of what is in
  ///   the way: instances, servers, operators who belong to no other organisation.
  public func removeOrganisation(_ slug: String, by actor: Actor) async throws {
    let former = try await organisation(slug, by: actor)
    try await database.transaction { connection in
      // Nobody makes anything in it until the end of the transaction.
      _ = try await connection.query(
        "select from organisations where id = \(former.id) and removed_at is null for update")
      let obstacles = try await obstacles(to: former.id, connection)
      guard obstacles.isEmpty else {
        throw HostingError(
          .conflict, "\(former.slug) cannot be removed: it still has \(obstacles.joined(separator: "; ")).",
          suggestion: "Remove or move those first, then remove the organisation again.")
      }
      let witness = try await witness(actor, of: former.id, connection)
      for table: SQL in ["memberships", "invitations", "api_tokens", "server_shares"] {
        try await connection.execute("delete from \(table) where organisation_id = \(former.id)")
      }
      // The row stays: tombstones of its instances and the audit log name it.
      try await connection.execute(
        "update organisations set removed_at = now(), slug = 'removed-' || id where id = \(former.id)")
      try await note(
        .removeOrganisation, AuditSubject("organisation", former.id, former.slug),
        before: ["name": former.name], by: witness, connection)
    }
  }

  /// The operator, in an organisation whose members will read that he removed `removed`: nobody reads the log of that one any
  /// more.
  private func witness(_ actor: Actor, of removed: UUID, _ connection: any SQLRunner) async throws -> Actor {
    guard actor.organisationID == removed else { return actor }
    let other = try await connection.query(
      """
      select o.id, o.slug from memberships m join organisations o on o.id = m.organisation_id
      where m.person_id = \(actor.userID) and o.id <> \(removed) order by m.created_at, o.slug limit 1
      """
    ).first
    // He belongs to another one, or is in the way himself.
    guard let other else { return actor }
    return actor.acting(in: try other.get("id"), try other.get("slug"))
  }

  /// What keeps the organisation from being removed, in words.
  private func obstacles(to id: UUID, _ connection: any SQLRunner) async throws -> [String] {
    func named(_ one: String, _ several: String, _ rows: [Row]) throws -> [String] {
      guard !rows.isEmpty else { return [] }
      let names = try rows.prefix(10).map { try $0.get("name", as: String.self) }.joined(separator: ", ")
      let more = rows.count > 10 ? " and \(rows.count - 10) more" : ""
      return ["\(rows.count == 1 ? one : several) \(names)\(more)"]
    }
    let instances = try await connection.query(
      "select name from instances where organisation_id = \(id) and removed_at is null order by name")
    let servers = try await connection.query(
      "select name from servers where organisation_id = \(id) and removed_at is null order by name")
    // They would be kept out of the whole installation.
    let operators = try await connection.query(
      """
      select p.email as name from people p join memberships m on m.person_id = p.id
      where p.is_operator and m.organisation_id = \(id)
        and not exists (select from memberships o where o.person_id = p.id and o.organisation_id <> \(id))
      order by p.email
      """)
    return try named("the instance", "the instances", instances)
      + named("the server", "the servers", servers)
      + named(
        "an operator who belongs to no other organisation:",
        "operators who belong to no other organisation:", operators)
  }
}
