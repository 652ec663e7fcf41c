import Foundation
import Jobs
import Postgres

/// Keeps which instances and servers exist for the members for whom not all do.
protocol ReachStore: Sendable {
  /// Lets a member for whom only some instances exist reach the one that he has made.
  func letReach(instance: UUID, _ actor: Actor, _ transaction: (any Transaction)?) async throws

  /// Lets a member for whom only some servers exist reach the one that he has added.
  func letReach(server: UUID, _ actor: Actor, _ transaction: (any Transaction)?) async throws
}

/// Keeps it in PostgreSQL, with the memberships.
struct PostgresReachStore: ReachStore {
  let database: Database

  func letReach(instance: UUID, _ actor: Actor, _ transaction: (any Transaction)?) async throws {
    try await database.runner(in: transaction).execute(
      """
      update memberships set instances = array_append(instances, \(instance))
      where person_id = \(actor.userID) and organisation_id = \(actor.organisationID) and instances is not null
      """)
  }

  func letReach(server: UUID, _ actor: Actor, _ transaction: (any Transaction)?) async throws {
    try await database.runner(in: transaction).execute(
      """
      update memberships set servers = array_append(servers, \(server))
      where person_id = \(actor.userID) and organisation_id = \(actor.organisationID) and servers is not null
      """)
  }
}
