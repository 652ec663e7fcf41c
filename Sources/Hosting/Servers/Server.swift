import Foundation

/// A host on which instances run.
public struct Server: Sendable {
  /// How the control plane reaches it.
  public enum Kind: String, Sendable {
    /// It is the machine on which the control plane runs.
    case local
    /// Over SSH.
    case ssh
  }

  /// Whether operations can be run on it now.
  public enum Status: String, Sendable {
    /// It answered when it was last looked at.
    case ready
    /// It, or Docker on it, did not answer.
    case unavailable
  }

  /// The identity.
  public var id: UUID
  /// The name, a DNS label, unique in the installation.
  public var name: String
  /// How it is reached.
  public var kind: Kind
  /// The address under which the ports of its instances are reached.
  public var address: String
  /// Whether ports bind to every address instead of loopback only.
  public var exposed: Bool
  /// Whether it can be used now.
  public var status: Status
  /// Why, in one sentence.
  public var statusReason: String
  /// When it was last looked at.
  public var seenAt: Date?
  /// What was seen.
  public var facts: ServerFacts
  /// How many living instances it holds.
  public var instances: Int

  /// The server as its instances name it.
  var reference: ServerReference { ServerReference(id: id, name: name, address: address, exposed: exposed) }
}

/// What was seen of a server. Sizes are in MB of 10^6 bytes.
public struct ServerFacts: Sendable, Codable, Equatable {
  /// The operating system.
  public var os: String?
  /// The Docker engine's version.
  public var docker: String?
  /// Logical cores.
  public var cores: Int?
  /// Memory.
  public var memoryMB: Int?
  /// Memory that a new program could use without swapping.
  public var memoryAvailableMB: Int?
  /// Size of the file system of Docker's data.
  public var diskMB: Int?
  /// What is free on it.
  public var diskFreeMB: Int?
}
