import Foundation

extension API {
  /// A host on which instances run.
  public struct Server: Codable, Sendable, Equatable {
    /// The identity.
    public var id: UUID
    /// The name.
    public var name: String
    /// `local` or `ssh`.
    public var kind: String
    /// `ready` or `unavailable`.
    public var status: String
    /// Why the status is what it is, one sentence.
    public var statusReason: String
    /// When the server was last looked at.
    public var seenAt: Date?
    /// The operating system, such as `Debian GNU/Linux 12 (bookworm)`.
    public var os: String?
    /// The Docker engine's version.
    public var docker: String?
    /// Logical cores.
    public var cores: Int?
    /// Memory in MB.
    public var memoryMB: Int?
    /// Memory that could be given out without swapping, in MB.
    public var memoryAvailableMB: Int?
    /// Size of the file system of Docker's data, in MB.
    public var diskMB: Int?
    /// What is free on it, in MB.
    public var diskFreeMB: Int?
    /// How many instances it holds.
    public var instances: Int

    /// A server with what is known of it.
    public init(
      id: UUID, name: String, kind: String, status: String, statusReason: String, seenAt: Date?, os: String?,
      docker: String?, cores: Int?, memoryMB: Int?, memoryAvailableMB: Int?, diskMB: Int?, diskFreeMB: Int?,
      instances: Int
    ) {
      self.id = id
      self.name = name
      self.kind = kind
      self.status = status
      self.statusReason = statusReason
      self.seenAt = seenAt
      self.os = os
      self.docker = docker
      self.cores = cores
      self.memoryMB = memoryMB
      self.memoryAvailableMB = memoryAvailableMB
      self.diskMB = diskMB
      self.diskFreeMB = diskFreeMB
      self.instances = instances
    }
  }

  /// Who asks, as the server sees it.
  public struct Account: Codable, Sendable, Equatable {
    /// The address with which the person signs in.
    public var email: String
    /// The organisation's slug.
    public var organisation: String
    /// `owner`, `admin`, `developer`, `tester` or `viewer`.
    public var role: String
    /// Whether the person runs the installation.
    public var isOperator: Bool

    /// Who asks.
    public init(email: String, organisation: String, role: String, isOperator: Bool) {
      self.email = email
      self.organisation = organisation
      self.role = role
      self.isOperator = isOperator
    }
  }

  /// An API token, as it is listed; its secret is said once, when it is made.
  public struct Token: Codable, Sendable, Equatable {
    /// The identity, for revoking it.
    public var id: UUID
    /// What it is for.
    public var name: String
    /// When it was made.
    public var createdAt: Date
    /// When it was last used, to the minute.
    public var lastUsedAt: Date?
    /// When it ends.
    public var expiresAt: Date?
    /// The secret, in the answer to its making only.
    public var secret: String?

    /// A token.
    public init(
      id: UUID, name: String, createdAt: Date, lastUsedAt: Date?, expiresAt: Date?, secret: String?
    ) {
      self.id = id
      self.name = name
      self.createdAt = createdAt
      self.lastUsedAt = lastUsedAt
      self.expiresAt = expiresAt
      self.secret = secret
    }
  }
}
