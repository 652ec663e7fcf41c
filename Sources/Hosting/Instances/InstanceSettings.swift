import Odoo

/// The settings of an instance as its users save them.
public struct InstanceSettings: Sendable, Codable, Equatable {
  /// Odoo's worker processes; 0 is the threaded mode, nil means advised by the server's cores and the stage.
  public var workers: Int?
  /// Soft memory limit of one worker, in MB.
  public var workerMemoryMB: Int
  /// Threads for scheduled actions.
  public var cronThreads: Int
  /// Processor seconds that a request may take.
  public var cpuTimeLimit: Int
  /// Seconds that a request may take; 0 is no limit.
  public var realTimeLimit: Int
  /// How much Odoo logs.
  public var logLevel: LogLevelName
  /// Regular expression of the databases that are served; empty means exactly this instance's own.
  public var databaseFilter: String
  /// The user's lines for odoo.conf.
  public var odooConf: String
  /// The folder of the server that Odoo has shared addons from; nil is none, also in what was saved before there were any.
  public var sharedAddons: HostFolder?
  /// The folder of the server that the instance has its files in; nil is a volume of Docker's, also in what was saved before
  /// there was a choice.
  public var externalFilestore: HostFolder?
  /// Whether Odoo is started again when it crashes.
  public var autoRestart: Bool
  /// Where custom modules come from; Odoo searches them in this order.
  public var customModules: [ModuleSource]
  /// What is installed beside what the images bring.
  public var packages: InstancePackages
  /// What is set of PostgreSQL.
  public var postgres: PostgresSettings
  /// The limits of the Odoo container.
  public var odoo: ContainerLimits
  /// The limits of the database container.
  public var database: ContainerLimits

  /// The defaults of `stage`. Sources: the console documents of the peers (shared memory 64 MB for Odoo,
  /// memory without limit, 2048 MB a worker); auto restart is on where a company works with the instance.
  public init(defaultsOf stage: Stage) {
    workers = nil
    workerMemoryMB = 2048
    cronThreads = stage == .production ? 2 : 1
    cpuTimeLimit = 60
    realTimeLimit = 120
    logLevel = .info
    databaseFilter = ""
    odooConf = ""
    autoRestart = stage == .production
    customModules = []
    packages = InstancePackages()
    postgres = PostgresSettings()
    odoo = ContainerLimits(cpuShares: 1024, memoryMB: 0, memoryReservationMB: 0, shmMB: 64)
    database = ContainerLimits(cpuShares: 1024, memoryMB: 0, memoryReservationMB: 0, shmMB: 256)
  }
}

/// The limits of one container.
public struct ContainerLimits: Sendable, Codable, Equatable {
  /// Relative weight among the containers of the server; 1024 is Docker's default.
  public var cpuShares: Int
  /// Hard memory limit in MB; 0 is none.
  public var memoryMB: Int
  /// Memory reservation in MB; 0 is none.
  public var memoryReservationMB: Int
  /// Size of /dev/shm in MB.
  public var shmMB: Int
}

/// A wish to change settings: what is nil stays as it is.
public struct SettingsChange: Sendable, Equatable {
  /// See `InstanceSettings.workers`; `.some(nil)` goes back to the advice.
  public var workers: Int??
  /// See `InstanceSettings.workerMemoryMB`.
  public var workerMemoryMB: Int?
  /// See `InstanceSettings.cronThreads`.
  public var cronThreads: Int?
  /// See `InstanceSettings.cpuTimeLimit`.
  public var cpuTimeLimit: Int?
  /// See `InstanceSettings.realTimeLimit`.
  public var realTimeLimit: Int?
  /// See `InstanceSettings.logLevel`, by its name.
  public var logLevel: String?
  /// See `InstanceSettings.databaseFilter`.
  public var databaseFilter: String?
  /// See `InstanceSettings.odooConf`.
  public var odooConf: String?
  /// See `InstanceSettings.sharedAddons`; empty is none.
  public var sharedAddons: String?
  /// See `InstanceSettings.externalFilestore`; empty is none.
  public var externalFilestore: String?
  /// See `InstanceSettings.autoRestart`.
  public var autoRestart: Bool?
  /// See `InstanceSettings.customModules`; the whole list.
  public var customModules: [ModuleSource.Wish]?
  /// See `InstancePackages.odoo`; the whole list.
  public var debianPackages: [String]?
  /// See `InstancePackages.python`; the whole list.
  public var pythonPackages: [String]?
  /// See `InstancePackages.database`; the whole list.
  public var databasePackages: [String]?
  /// See `PostgresSettings.extensions`; the whole list.
  public var extensions: [String]?
  /// See `PostgresSettings.conf`.
  public var postgresConf: String?
  /// The limits of the Odoo container.
  public var odoo = LimitsChange()
  /// The limits of the database container.
  public var database = LimitsChange()

  /// A change of nothing yet.
  public init() {}

  /// The limits of one container, those that are to change.
  public struct LimitsChange: Sendable, Equatable {
    /// See `ContainerLimits.cpuShares`.
    public var cpuShares: Int?
    /// See `ContainerLimits.memoryMB`.
    public var memoryMB: Int?
    /// See `ContainerLimits.memoryReservationMB`.
    public var memoryReservationMB: Int?
    /// See `ContainerLimits.shmMB`.
    public var shmMB: Int?

    /// A change of nothing yet.
    public init() {}

    func applied(to limits: ContainerLimits) -> ContainerLimits {
      ContainerLimits(
        cpuShares: cpuShares ?? limits.cpuShares, memoryMB: memoryMB ?? limits.memoryMB,
        memoryReservationMB: memoryReservationMB ?? limits.memoryReservationMB, shmMB: shmMB ?? limits.shmMB)
    }
  }

  /// `settings` with this change in it but for the log's level, folders of the server and custom modules, unchecked.
  func applied(to settings: InstanceSettings) -> InstanceSettings {
    var settings = settings
    if let workers { settings.workers = workers }
    settings.workerMemoryMB = workerMemoryMB ?? settings.workerMemoryMB
    settings.cronThreads = cronThreads ?? settings.cronThreads
    settings.cpuTimeLimit = cpuTimeLimit ?? settings.cpuTimeLimit
    settings.realTimeLimit = realTimeLimit ?? settings.realTimeLimit
    settings.databaseFilter = databaseFilter ?? settings.databaseFilter
    settings.odooConf = odooConf ?? settings.odooConf
    settings.autoRestart = autoRestart ?? settings.autoRestart
    settings.packages.odoo = debianPackages ?? settings.packages.odoo
    settings.packages.python = pythonPackages ?? settings.packages.python
    settings.packages.database = databasePackages ?? settings.packages.database
    settings.postgres.extensions = extensions ?? settings.postgres.extensions
    settings.postgres.conf = postgresConf ?? settings.postgres.conf
    settings.odoo = odoo.applied(to: settings.odoo)
    settings.database = database.applied(to: settings.database)
    return settings
  }
}

/// Which restart brings saved settings into effect.
public enum PendingRestart: String, Sendable, Codable {
  /// Everything saved is in effect.
  case none
  /// Odoo's process anew.
  case soft
  /// Containers anew.
  case hard
}

extension InstanceSettings {
  /// Which restart leads from the settings in effect, `applied`, to these.
  func restart(from applied: InstanceSettings?) -> PendingRestart {
    guard let applied, applied != self else { return .none }
    return takingOverSoftly(onto: applied) == self ? .soft : .hard
  }

  /// `applied` with what Odoo reads at its start from these settings. Docker takes limits and restart policy
  /// only when a container is made, and the number of connections, which follows from the processes,
  /// PostgreSQL only when it starts.
  func takingOverSoftly(onto applied: InstanceSettings) -> InstanceSettings {
    var settings = self
    settings.odoo = applied.odoo
    settings.database = applied.database
    settings.autoRestart = applied.autoRestart
    settings.workers = applied.workers
    settings.cronThreads = applied.cronThreads
    settings.packages = applied.packages
    settings.postgres.conf = applied.postgres.conf
    settings.sharedAddons = applied.sharedAddons
    settings.externalFilestore = applied.externalFilestore
    // Their folder is mounted when the container is made; what is in it may change.
    if customModules.isEmpty != applied.customModules.isEmpty {
      settings.customModules = applied.customModules
    }
    return settings
  }
}

extension Instance {
  /// What is in effect after a soft restart.
  var settingsOfSoftRestart: InstanceSettings {
    appliedSettings.map { settings.takingOverSoftly(onto: $0) } ?? settings
  }
}
