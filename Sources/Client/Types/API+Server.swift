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
    /// `active`, `draining` (takes no new instances) or `maintenance` (and nothing is begun with those that it has).
    public var mode: String
    /// `ready` or `unavailable`.
    public var status: String
    /// Why the status is what it is, one sentence.
    public var statusReason: String
    /// `dockerDown` or `unreachable`: what is away of it; absent where it answers, or nothing else is sure.
    public var absence: String?
    /// When the server was last looked at.
    public var seenAt: Date?
    /// When it was found fit as it is reached now.
    public var validatedAt: Date?
    /// The job on it that is queued or under way now.
    public var activeJob: UUID?
    /// A host name or an IP address: where SSH reaches it, and the ports of its instances.
    public var address: String
    /// The port of its SSH server.
    public var port: Int?
    /// The user that Odeum signs in as.
    public var user: String?
    /// Its host keys that a person has confirmed.
    public var hostKeys: [HostKey]?
    /// The line for the user's `authorized_keys`.
    public var publicKey: String?
    /// `operator` or `organisation`: whose it is.
    public var owner: String
    /// The organisations that may use a server of the operator's.
    public var sharedWith: [String]
    /// Whether ports of instances are open to the network instead of loopback only.
    public var exposed: Bool
    /// `allow`, `warn` or `refuse`: whether production shares it with other stages.
    public var stagePolicy: String
    /// What people wrote down about it.
    public var note: String
    /// The folders on it that its instances may have shared addons from.
    public var sharedFolders: [String]
    /// The folders on it that its instances may have their files in.
    public var filestoreFolders: [String]
    /// The operating system, such as `Debian GNU/Linux 12 (bookworm)`.
    public var os: String?
    /// The architecture as the kernel calls it: `x86_64`, `aarch64`.
    public var architecture: String?
    /// The Docker engine's version.
    public var docker: String?
    /// Logical cores.
    public var cores: Int?
    /// Runnable processes on average over 1, 5 and 15 minutes.
    public var load: [Double]?
    /// Memory in MB.
    public var memoryMB: Int?
    /// Memory that could be given out without swapping, in MB.
    public var memoryAvailableMB: Int?
    /// Swap in MB.
    public var swapMB: Int?
    /// What is free of it, in MB.
    public var swapFreeMB: Int?
    /// Size of the file system of Docker's data, in MB.
    public var diskMB: Int?
    /// What is free on it, in MB.
    public var diskFreeMB: Int?
    /// How many files that file system can hold; 0 where it has no such limit.
    public var inodes: Int?
    /// How many more it can hold.
    public var inodesFree: Int?
    /// How many instances it holds.
    public var instances: Int
    /// How many of each stage.
    public var stages: [String: Int]
    /// Memory that its instances may come to need, in MB.
    public var reservedMemoryMB: Int
    /// Workers of its instances.
    public var reservedWorkers: Int

    /// A server with what every server has; the rest is not known yet.
    public init(
      id: UUID, name: String, kind: String, mode: String, status: String, statusReason: String,
      address: String,
      owner: String, stagePolicy: String
    ) {
      self.id = id
      self.name = name
      self.kind = kind
      self.mode = mode
      self.status = status
      self.statusReason = statusReason
      self.address = address
      self.owner = owner
      self.stagePolicy = stagePolicy
      sharedWith = []
      exposed = false
      note = ""
      sharedFolders = []
      filestoreFolders = []
      instances = 0
      stages = [:]
      reservedMemoryMB = 0
      reservedWorkers = 0
    }
  }

  /// A key with which a server proves that it is itself.
  public struct HostKey: Codable, Sendable, Equatable {
    /// Its kind, such as `ssh-ed25519`.
    public var type: String
    /// `SHA256:…`, as `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` says it on the server.
    public var fingerprint: String

    /// A key of this kind and fingerprint.
    public init(type: String, fingerprint: String) {
      self.type = type
      self.fingerprint = fingerprint
    }
  }

  /// The question for the host keys of an address.
  public struct ScanHostKey: Codable, Sendable, Equatable {
    /// A host name or an IP address.
    public var address: String
    /// The port of its SSH server; absent means 22.
    public var port: Int?

    /// The question for `address` and `port`.
    public init(address: String, port: Int? = nil) {
      self.address = address
      self.port = port
    }
  }

  /// The request that adds a server.
  public struct AddServer: Codable, Sendable, Equatable {
    /// The name, a DNS label.
    public var name: String
    /// A host name or an IP address.
    public var address: String
    /// The port of its SSH server; absent means 22.
    public var port: Int?
    /// The user to sign in as: root, or one who may use sudo without a password; absent means root.
    public var user: String?
    /// The fingerprint of the host key that a person has compared.
    public var hostKey: String?
    /// A private key that is let in there, as OpenSSH writes it, without a passphrase.
    public var privateKey: String?
    /// A password with which a key that is made is left there; it is used once and kept nowhere.
    public var password: String?
    /// `organisation` (absent means that) or `operator`.
    public var owner: String?
    /// The organisations that may use a server of the operator's.
    public var sharedWith: [String]?
    /// Whether ports of instances are open to the network instead of loopback only.
    public var exposed: Bool?
    /// `allow`, `warn` (absent means that) or `refuse`.
    public var stagePolicy: String?
    /// What people write down about it.
    public var note: String?
    /// See ``Server/sharedFolders``; absent means none.
    public var sharedFolders: [String]?
    /// See ``Server/filestoreFolders``; absent means none.
    public var filestoreFolders: [String]?

    /// A request for a server called `name` at `address`.
    public init(name: String, address: String) {
      self.name = name
      self.address = address
    }
  }

  /// The request that changes a server. A key that is absent leaves what it is about as it is.
  public struct ChangeServer: Codable, Sendable, Equatable {
    /// See ``AddServer/name``.
    public var name: String?
    /// See ``AddServer/address``.
    public var address: String?
    /// See ``AddServer/port``.
    public var port: Int?
    /// See ``AddServer/user``.
    public var user: String?
    /// The fingerprint of the host key, where the server shows another one than before.
    public var hostKey: String?
    /// A private key in the place of the one that is kept.
    public var privateKey: String?
    /// See ``AddServer/sharedWith``.
    public var sharedWith: [String]?
    /// See ``AddServer/exposed``.
    public var exposed: Bool?
    /// See ``AddServer/stagePolicy``.
    public var stagePolicy: String?
    /// See ``AddServer/note``.
    public var note: String?
    /// See ``Server/sharedFolders``; the whole list.
    public var sharedFolders: [String]?
    /// See ``Server/filestoreFolders``; the whole list.
    public var filestoreFolders: [String]?

    /// A change of nothing yet.
    public init() {}
  }

  /// What came of adding or changing a server.
  public struct ChangedServer: Codable, Sendable {
    /// The server as it is now.
    public var server: Server
    /// Its validation, where that was begun.
    public var job: Job?
    /// Remarks, such as what to do next.
    public var notes: [String]

    /// What came of it.
    public init(server: Server, job: Job?, notes: [String]) {
      self.server = server
      self.job = job
      self.notes = notes
    }
  }

  /// What is said of a server for a new instance.
  public struct Placement: Codable, Sendable, Equatable {
    /// The server.
    public var server: ServerReference
    /// Whether the instance may go there.
    public var possible: Bool
    /// Why it is fit or not, a sentence each.
    public var reasons: [String]
    /// What whoever puts it there should know, a sentence each.
    public var warnings: [String]

    /// What is said of `server`.
    public init(server: ServerReference, possible: Bool, reasons: [String], warnings: [String]) {
      self.server = server
      self.possible = possible
      self.reasons = reasons
      self.warnings = warnings
    }
  }
}
