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

  init(_ row: Row) throws {
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
