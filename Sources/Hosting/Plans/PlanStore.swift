import Foundation
import Jobs
import Postgres

/// Keeps what organisations may have, and counts what they have. Rules are not here.
protocol PlanStore: Sendable {
  /// The plan of `organisation` with what is in use of it.
  func use(of organisation: UUID, _ transaction: (any Transaction)?) async throws -> PlanUse

  /// As `use`, and nobody else counts until the end of the transaction.
  func hold(_ organisation: UUID, _ transaction: any Transaction) async throws -> PlanUse
}

/// Keeps it in PostgreSQL.
struct PostgresPlanStore: PlanStore {
  let database: Database

  func use(of organisation: UUID, _ transaction: (any Transaction)?) async throws -> PlanUse {
    let row = try await database.runner(in: transaction).query(
      """
      select slug, plan,
        (select count(*) from servers where organisation_id = o.id and removed_at is null) as servers,
        (select count(*) from instances where organisation_id = o.id and removed_at is null) as instances,
        (select count(*) from instances where organisation_id = o.id and removed_at is null and stage = 'staging')
          as staging,
        (select floor(coalesce(sum(bytes), 0) / 1000000000) from instance_storage s join instances i on i.id = s.instance_id
          where organisation_id = o.id and removed_at is null)::bigint as storage
      from organisations o where id = \(organisation) and removed_at is null
      """
    ).first
    guard let row else { throw HostingError.notFound("organisation", organisation.uuidString.lowercased()) }
    return PlanUse(
      organisation: try row.get("slug"), plan: try row.get("plan", json: Plan.self),
      used: [
        .servers: try row.get("servers"), .instancesPerProject: try row.get("instances"),
        .staging: try row.get("staging"), .storageGB: try row.get("storage"),
      ])
  }

  func hold(_ organisation: UUID, _ transaction: any Transaction) async throws -> PlanUse {
    // In a statement of its own: one that counts at once would count what was there before it waited.
    _ = try await database.runner(in: transaction).query(
      "select from organisations where id = \(organisation) for no key update")
    return try await use(of: organisation, transaction)
  }
}
