import Foundation
import Odoo

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
    /// It, or Docker on it, did not answer, or it was not validated yet.
    case unavailable
  }

  /// What the people who run it want with it.
  public enum Mode: String, Sendable, CaseIterable {
    /// It takes new instances.
    case active
    /// It takes no new instances; those that it has go on.
    case draining
    /// Somebody works on it: it takes no new instances, and nothing is begun with those that it has.
    case maintenance
  }

  /// What is done where an instance in production and one of another stage would share it.
  public enum StagePolicy: String, Sendable, CaseIterable {
    /// Nothing.
    case allow
    /// Whoever brings it about is told.
    case warn
    /// It is refused.
    case refuse
  }

  /// What is away of a server, where that is sure.
  public enum Absence: String, Sendable {
    /// The host answers and Docker on it does not.
    case dockerDown
    /// Nothing answers.
    case unreachable
  }

  /// The identity.
  public var id: UUID
  /// The name, a DNS label; its owner has no other server of that name.
  public var name: String
  /// How it is reached.
  public var kind: Kind
  /// The organisation that it belongs to; nil where it is the operator's.
  public var organisationID: UUID?
  /// The slugs of the organisations that may use a server of the operator's.
  public var sharedWith: [String]
  /// Whether several organisations use it, of which none is to see by names and numbers that there are others.
  var isForSeveral: Bool { organisationID == nil && sharedWith.count > 1 }
  /// Where SSH reaches it, and the ports of its instances.
  public var address: String
  /// The way in; nil for the machine of the control plane.
  public var access: ServerAccess?
  /// Whether ports bind to every address instead of loopback only.
  public var exposed: Bool
  /// What the people who run it want with it.
  public var mode: Mode
  /// Whether production shares it with other stages.
  public var stagePolicy: StagePolicy
  /// What people wrote down about it.
  public var note: String
  /// The folders on it that its instances may have shared addons from, sorted.
  public var sharedFolders: [HostFolder] = []
  /// The folders on it that its instances may have their files in, sorted.
  public var filestoreFolders: [HostFolder] = []
  /// Whether it can be used now.
  public var status: Status
  /// Why, in one sentence.
  public var statusReason: String
  /// When it was last looked at.
  public var seenAt: Date?
  /// When it was found fit, as it is reached now; nil where it must be validated before anything is done on it.
  public var validatedAt: Date?
  /// What was seen.
  public var facts: ServerFacts
  /// What its living instances reserve.
  public var load: ServerLoad
  /// The job on it that is queued or under way now.
  public var activeJob: UUID?
  /// What is away of it; nil where it answers, or nothing else is sure.
  public var absence: Absence?
  /// Whether its address may lead anywhere, since an operator set it; see `AddressPolicy`.
  var leadsAnywhere = true

  /// How many living instances it holds.
  public var instances: Int { load.instances }

  /// Whether anything may be done on it: nothing goes to a machine that nobody has validated.
  var isUsable: Bool { kind == .local || validatedAt != nil }

  /// The server as its instances name it.
  var reference: ServerReference {
    ServerReference(id: id, name: name, address: address, exposed: exposed, kind: kind)
  }
}

/// How a server is reached over SSH. The private key is not part of it.
public struct ServerAccess: Sendable, Equatable {
  /// The TCP port of its SSH server.
  public var port: Int
  /// The user on it: root, or one who may use sudo without a password.
  public var user: String
  /// The fingerprints of its host keys that a person has confirmed.
  public var hostKeys: [PinnedHostKey]
  /// The line for the user's `authorized_keys`.
  public var publicKey: String
}

/// A host key that a person has confirmed; nothing is sent to a host that shows another one.
public struct PinnedHostKey: Sendable, Codable, Equatable {
  /// Its kind, such as `ssh-ed25519`.
  public var type: String
  /// The key in base64.
  public var key: String
  /// `SHA256:…`.
  public var fingerprint: String
}

/// What was seen of a server. Sizes are in MB of 10^6 bytes.
public struct ServerFacts: Sendable, Codable, Equatable {
  /// The operating system.
  public var os: String?
  /// The architecture as the kernel calls it.
  public var architecture: String?
  /// The Docker engine's version.
  public var docker: String?
  /// Logical cores.
  public var cores: Int?
  /// Runnable processes on average over the last minute.
  public var loadOne: Double?
  /// The same over five minutes.
  public var loadFive: Double?
  /// The same over fifteen minutes.
  public var loadFifteen: Double?
  /// Memory.
  public var memoryMB: Int?
  /// Memory that a new program could use without swapping.
  public var memoryAvailableMB: Int?
  /// Swap; 0 where there is none.
  public var swapMB: Int?
  /// Swap that is free.
  public var swapFreeMB: Int?
  /// Size of the file system of Docker's data.
  public var diskMB: Int?
  /// What is free on it.
  public var diskFreeMB: Int?
  /// How many files that file system can hold; 0 where it has no such limit.
  public var inodes: Int?
  /// How many more it can hold.
  public var inodesFree: Int?
}

/// What the living instances of a server reserve.
public struct ServerLoad: Sendable, Equatable {
  /// How many there are of each stage.
  public var stages: [Stage: Int] = [:]
  /// The memory that they may come to need, in MB.
  public var memoryMB = 0
  /// Their workers.
  public var workers = 0

  /// How many there are.
  public var instances: Int { stages.values.reduce(0, +) }

  mutating func add(_ demand: Sizing.Demand, _ stage: Stage) {
    stages[stage, default: 0] += 1
    memoryMB += demand.memory
    workers += demand.workers
  }
}
