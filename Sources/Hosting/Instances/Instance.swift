import Foundation
import Odoo
import Remote

/// One Odoo environment: Odoo and its own PostgreSQL, with files, network and ports.
public struct Instance: Sendable {
  /// The identity that never changes; everything on the host is labelled with it.
  public var id: UUID
  /// Whose it is.
  public var organisationID: UUID
  /// Where it runs.
  public var server: ServerReference
  /// The name, a DNS label, unique in the organisation.
  public var name: Slug
  /// The Odoo version.
  public var version: OdooVersion
  /// The edition.
  public var edition: Edition
  /// What it is for.
  public var stage: Stage
  /// The first of its ten ports.
  public var basePort: Int
  /// What its database was made from.
  public var origin: DatabaseOrigin
  /// The settings as they are wanted.
  public var settings: InstanceSettings
  /// How often the settings were saved.
  public var settingsRevision: Int
  /// The settings in effect, nil before the first start.
  public var appliedSettings: InstanceSettings?
  /// Whether it should run.
  public var desired: DesiredState
  /// What users see.
  public var status: InstanceStatus
  /// Why, in one sentence.
  public var statusReason: String
  /// Since when.
  public var statusSince: Date
  /// The job that made the status what it is.
  public var statusJob: UUID?
  /// The job that is queued or under way now.
  public var activeJob: UUID?
  /// When it was created.
  public var createdAt: Date
  /// How its parts on the server differ from what they should be.
  public var drift: [Drift] = []
  /// When its server was last seen, and so its status with it.
  public var seenAt: Date?
  /// Why its server cannot be seen now; nil where it can. The status is the one that was last seen.
  public var outOfSight: String?
  /// What its parts on the server are called, where several organisations use that; nil: its name.
  var hostName: String?
  /// What its containers were made from beside the settings; nil where that was not noted.
  var appliedCircumstances: Circumstances?

  /// The database's name.
  public var database: DatabaseName { DatabaseName(name) }
  /// The name of the database role that Odoo connects as.
  public var databaseRole: RoleName { RoleName(name) }
  /// Where it is reached.
  public var url: String { server.url(port: basePort) }
}

/// The server of an instance, as the instance names it.
public struct ServerReference: Sendable, Equatable {
  /// The identity.
  public var id: UUID
  /// The name.
  public var name: String
  /// The address under which its ports are reached.
  public var address: String
  /// Whether ports bind to every address instead of loopback only.
  public var exposed: Bool
  /// How it is reached.
  public var kind = Server.Kind.local

  /// Where `port` of it is reached.
  func url(port: Int) -> String { "http://\(address.contains(":") ? "[\(address)]" : address):\(port)" }
}

/// What a new database is made from. Two instances of equal origin and images start from the same prepared
/// database.
public struct DatabaseOrigin: Sendable, Codable, Equatable {
  /// Language of the first user.
  public var language: String
  /// Country of the first company, ISO 3166 alpha-2.
  public var country: String?
  /// Whether demo data is loaded.
  public var demo: Bool
  /// Modules beside `base`, sorted, each once.
  public var modules: [String]
  /// Odoo's hash of the admin's password; the password itself is stored nowhere.
  public var adminPassword: PasslibHash
}

/// The secrets of an instance that the control plane keeps.
struct InstanceSecrets: Sendable {
  /// The password of the database role.
  var databasePassword: Secret
  /// Odoo's master password, which guards the database manager.
  var masterPassword: Secret
}
