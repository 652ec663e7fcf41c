import Foundation
import Jobs
import Logging
import Postgres
import Remote

/// The domain. Every use case is a function of this value, which API, console and command line call; each
/// asks who it is that asks, checks, and returns a value or throws a `HostingError`.
public struct Hosting: Sendable {
  /// The identity of this installation, on every label on every host.
  public let installation: UUID
  /// Operators' choices.
  public let configuration: HostingConfiguration
  let database: Database
  let jobs: JobQueue
  let masterKey: MasterKey
  let passwords: PasswordHasher
  /// The servers that this process owns.
  let held = HeldServers()
  let fleet: Fleet
  let announcements: Announcements
  let post = Post()
  let turns = Turns()
  let logger: Logger
  private let stores: HostingStores
  var instanceStore: any InstanceStore { stores.instances }
  var serverStore: any ServerStore { stores.servers }
  var preparedStore: any PreparedDatabaseStore { stores.prepared }
  var absenceStore: any ServerAbsenceStore { stores.absences }
  var strayStore: any StrayStore { stores.strays }
  var watchStore: any WatchStore { stores.watch }
  var reachStore: any ReachStore { stores.reach }
  var auditStore: any AuditStore { stores.audit }
  var planStore: any PlanStore { stores.plans }

  init(
    installation: UUID, configuration: HostingConfiguration, database: Database, jobs: JobQueue,
    masterKey: MasterKey, passwords: PasswordHasher, stores: HostingStores? = nil,
    connector: (any ServerConnector)? = nil, logger: Logger
  ) {
    self.installation = installation
    self.configuration = configuration
    self.database = database
    self.jobs = jobs
    self.masterKey = masterKey
    self.passwords = passwords
    self.logger = logger
    let stores = stores ?? HostingStores(in: database)
    self.stores = stores
    fleet = Fleet(
      configuration: configuration, installation: installation, servers: stores.servers, jobs: jobs,
      connector: connector
        ?? SSHConnector(configuration: configuration, servers: stores.servers, masterKey: masterKey),
      held: held)
    announcements = Announcements()
  }

  /// Ends the connections to servers, at the end of the process. What runs there on its own goes on.
  public func disconnect() async {
    await fleet.closeAll()
  }
}

/// What an operator sets for the whole installation.
public struct HostingConfiguration: Sendable {
  /// The image of Odoo; `{version}` stands for `19.0`.
  public var odooImage = "odoo:{version}"
  /// The image of PostgreSQL; `{major}` stands for `17`.
  public var databaseImage = "postgres:{major}"
  /// The image that catches the mail of instances that are not in production, one that speaks Mailpit's API; nil: their
  /// mail is not caught.
  public var mailCatcherImage: String?
  /// The Docker engine's socket on the local machine.
  public var dockerSocket = "/var/run/docker.sock"
  /// The program that, run as `gate PATH SOCKET`, is the gate before that socket (`SocketGate`); nil goes without, where
  /// no other process acts on this machine.
  public var gateProgram: String?
  /// Names the machine that this process runs on; the server `local` is that machine. Two machines must not have the
  /// same name.
  public var machine = HostingConfiguration.machineID ?? ""
  /// The folder, on every server, of what instances have outside containers and volumes: custom modules. An
  /// absolute path of letters, digits and `._/-`.
  public var instancesFolder = "/var/lib/odeum-instances"
  /// The folder, on this machine, for the sockets of connections to servers; at most 60 bytes long, since the path
  /// of a socket may have 107.
  public var connectionsFolder = NSTemporaryDirectory() + "odeum-connections"
  /// What a server's disk must have free before anything new is put on it, in MB.
  public var diskFloorMB = 5_000
  /// Where the networks of instances have their addresses, on every server: an IPv4 range of 28 fixed bits or fewer.
  public var instanceRange = HostingConfiguration.benchmarkRange
  /// Networks beside the public Internet in which organisations may have servers.
  public var openedNetworks: [AddressRange] = []
  /// Networks beside the public Internet in which repositories of organisations may be that servers of the operator fetch
  /// from.
  public var repositoryNetworks: [AddressRange] = []
  /// The address under which the ports of instances on the local machine are reached.
  public var localAddress = "127.0.0.1"
  /// How long Odoo may take to stop before it is killed.
  public var stopGrace = Duration.seconds(30)
  /// How long Odoo may take to answer after its start.
  public var answerDeadline = Duration.seconds(300)

  /// How people are written to; nil where they are not.
  public var mail: MailConfiguration?

  /// The defaults.
  public init() {}

  /// Set aside for measurements between two networks (RFC 2544): nobody is reached there, and Docker does not take it by
  /// itself.
  public static let benchmarkRange: AddressRange = {
    guard let range = AddressRange("198.18.0.0/15") else { preconditionFailure("no range") }
    return range
  }()

  /// Whether the mail of an instance on `stage` is caught.
  func catchesMail(on stage: Stage) -> Bool { stage != .production && mailCatcherImage != nil }

  /// What systemd calls this machine (machine-id(5)); nil where it does not, as in most containers.
  public static var machineID: String? {
    let text = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)
    return text.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
