import Foundation

extension API {
  /// One Odoo environment as it stands in lists.
  public struct InstanceSummary: Codable, Sendable, Equatable {
    /// The identity that never changes.
    public var id: UUID
    /// The name, a DNS label, unique in the installation.
    public var name: String
    /// The Odoo version, such as `19.0`.
    public var version: String
    /// `community` or `enterprise`.
    public var edition: String
    /// `production`, `staging` or `dev`.
    public var stage: String
    /// See ``API/Instance/status``.
    public var status: String
    /// Why the status is what it is, one sentence.
    public var statusReason: String
    /// Since when the status holds.
    public var statusSince: Date
    /// The job that is queued or under way now.
    public var activeJob: UUID?
    /// The server on which it runs.
    public var server: ServerReference
    /// Where it is reached, `http://HOST:PORT`.
    public var url: String
    /// When it was created.
    public var createdAt: Date

    /// An instance with what lists say of it.
    public init(
      id: UUID, name: String, version: String, edition: String, stage: String, status: String,
      statusReason: String, statusSince: Date, activeJob: UUID?, server: ServerReference, url: String,
      createdAt: Date
    ) {
      self.id = id
      self.name = name
      self.version = version
      self.edition = edition
      self.stage = stage
      self.status = status
      self.statusReason = statusReason
      self.statusSince = statusSince
      self.activeJob = activeJob
      self.server = server
      self.url = url
      self.createdAt = createdAt
    }
  }
}
