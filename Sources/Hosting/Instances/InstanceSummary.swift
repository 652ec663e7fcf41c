import Foundation
import Odoo
import Postgres

/// What a list says of an instance: who it is and how it is, without what it is made of.
///
/// Apart from `Instance`, since a list of many need not read and decode the settings of each.
public struct InstanceSummary: Sendable {
  /// The identity.
  public var id: UUID
  /// Where it runs.
  public var server: ServerReference
  /// The name.
  public var name: Slug
  /// The Odoo version.
  public var version: OdooVersion
  /// The edition.
  public var edition: Edition
  /// What it is for.
  public var stage: Stage
  /// Where it is reached.
  public var url: String
  /// What users see.
  public var status: InstanceStatus
  /// Why, in one sentence.
  public var statusReason: String
  /// Since when.
  public var statusSince: Date
  /// The job that is queued or under way now.
  public var activeJob: UUID?
  /// When it was created.
  public var createdAt: Date

  /// What a list says of `instance`.
  public init(_ instance: Instance) {
    id = instance.id
    server = instance.server
    name = instance.name
    version = instance.version
    edition = instance.edition
    stage = instance.stage
    url = instance.url
    status = instance.status
    statusReason = instance.statusReason
    statusSince = instance.statusSince
    activeJob = instance.activeJob
    createdAt = instance.createdAt
  }

  fileprivate init(_ row: Row) throws {
    id = try row.get("id")
    server = try ServerReference(row)
    name = try Slug(row.get("name"))
    version = try row.get("version")
    edition = try row.get("edition")
    stage = try row.get("stage")
    url = server.url(port: try row.get("base_port"))
    status = try row.get("status")
    statusReason = try row.get("status_reason")
    statusSince = try row.get("status_since")
    activeJob = try row.get("active_job")
    createdAt = try row.get("created_at")
  }
}

extension InstanceStore {
  /// At most `limit` living instances of `organisation` that match, behind the name `after`, by name.
  func list(
    in organisation: UUID, only ids: [UUID]?, stage: Stage?, status: InstanceStatus?, search: String?,
    after: String?,
    limit: Int,
    _ connection: some SQLRunner
  ) async throws -> [InstanceSummary] {
    var filter: SQL = "i.organisation_id = \(organisation) and i.removed_at is null"
    if let ids { filter = "\(filter) and i.id = any(\(ids))" }
    if let stage { filter = "\(filter) and i.stage = \(stage.rawValue)" }
    if let status { filter = "\(filter) and i.status = \(status.rawValue)" }
    if let search, !search.isEmpty { filter = "\(filter) and position(lower(\(search)) in i.name) > 0" }
    if let after { filter = "\(filter) and i.name > \(after)" }
    return try await connection.query(
      """
      select i.id, i.server_id, s.name as server_name, s.address as server_address, s.exposed as server_exposed, s.kind as server_kind,
        i.name, i.version, i.edition, i.stage, i.base_port, i.status, i.status_reason, i.status_since,
        j.id as active_job, i.created_at
      \(Self.tables) where \(filter) order by i.name limit \(limit)
      """
    ).map(InstanceSummary.init)
  }
}
