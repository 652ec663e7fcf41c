import Foundation

extension API {
  /// One Odoo environment.
  public struct Instance: Codable, Sendable, Equatable {
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
    /// `creating`, `running`, `stopped`, `restarting`, `failed` or `removing`.
    public var status: String
    /// Why the status is what it is, one sentence.
    public var statusReason: String
    /// Since when the status holds.
    public var statusSince: Date
    /// The job that made the status what it is.
    public var statusJob: UUID?
    /// The job that is queued or under way now.
    public var activeJob: UUID?
    /// The server on which it runs.
    public var server: ServerReference
    /// Where it is reached, `http://HOST:PORT`.
    public var url: String
    /// The ports on the server.
    public var ports: Ports
    /// The database's name.
    public var database: String
    /// The settings as they are wanted.
    public var settings: InstanceSettings
    /// `none`, `soft` or `hard`: the restart that brings everything into effect that is wanted.
    public var pendingRestart: String
    /// What waits for that restart, a sentence each: saved settings, ports to be opened, another stage.
    public var pendingChanges: [String]
    /// When it was created.
    public var createdAt: Date
    /// How its parts on the server differ from what they should be; nothing of it is mended by itself.
    public var drift: [Drift]
    /// When its server was last seen, and so its status with it.
    public var seenAt: Date?
    /// Why its server cannot be seen now, absent where it can. The status is the one that was last seen.
    public var outOfSight: String?

    /// An instance with everything that is known of it.
    public init(
      id: UUID, name: String, version: String, edition: String, stage: String, status: String,
      statusReason: String, statusSince: Date, statusJob: UUID?, activeJob: UUID?, server: ServerReference,
      url: String, ports: Ports, database: String, settings: InstanceSettings, pendingRestart: String,
      pendingChanges: [String] = [], createdAt: Date, drift: [Drift] = [], seenAt: Date? = nil,
      outOfSight: String? = nil
    ) {
      self.id = id
      self.name = name
      self.version = version
      self.edition = edition
      self.stage = stage
      self.status = status
      self.statusReason = statusReason
      self.statusSince = statusSince
      self.statusJob = statusJob
      self.activeJob = activeJob
      self.server = server
      self.url = url
      self.ports = ports
      self.database = database
      self.settings = settings
      self.pendingRestart = pendingRestart
      self.pendingChanges = pendingChanges
      self.createdAt = createdAt
      self.drift = drift
      self.seenAt = seenAt
      self.outOfSight = outOfSight
    }
  }

  /// A way in which a part of an instance on its server differs from what it should be.
  public struct Drift: Codable, Sendable, Equatable {
    /// `missingContainer`, `missingNetwork`, `mailCatcher`, `image`, `settings`, `limits`, `ports`, `environment` or
    /// `restartPolicy`.
    public var kind: String
    /// The name of the part on the server.
    public var part: String
    /// What differs and what to do.
    public var text: String
    /// When it was first seen.
    public var since: Date

    /// A difference of the part `part`.
    public init(kind: String, part: String, text: String, since: Date) {
      self.kind = kind
      self.part = part
      self.text = text
      self.since = since
    }
  }

  /// A server, named.
  public struct ServerReference: Codable, Sendable, Equatable {
    /// The server's identity.
    public var id: UUID
    /// The server's name.
    public var name: String

    /// The server `id`, called `name`.
    public init(id: UUID, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// The ports of an instance on its server, all inside a block of ten.
  public struct Ports: Codable, Sendable, Equatable {
    /// Odoo's HTTP port, the first of the block.
    public var web: Int
    /// Longpolling or websocket, by version.
    public var longpolling: Int
    /// The mail catcher's inbox.
    public var mail: Int
    /// PostgreSQL.
    public var database: Int
    /// The IDE.
    public var ide: Int

    /// The block that begins at `base`.
    public init(base: Int) {
      web = base
      longpolling = base + 1
      mail = base + 2
      database = base + 3
      ide = base + 4
    }
  }

  /// The settings of an instance. A key that is absent in a request leaves the setting as it is.
  public struct InstanceSettings: Codable, Sendable, Equatable {
    /// Odoo's worker processes; 0 is the threaded mode, absent means by the server's cores.
    public var workers: Int?
    /// Soft memory limit of one worker, in MB.
    public var workerMemoryMB: Int?
    /// Threads for scheduled actions.
    public var cronThreads: Int?
    /// Processor seconds that a request may take.
    public var cpuTimeLimit: Int?
    /// Seconds that a request may take; 0 is no limit.
    public var realTimeLimit: Int?
    /// How much Odoo logs: `info`, `warn`, `error`, `critical`, `debug`, …
    public var logLevel: String?
    /// Regular expression of the databases that are served; empty means exactly this instance's own.
    public var databaseFilter: String?
    /// The user's lines for odoo.conf.
    public var odooConf: String?
    /// The folder of the server that Odoo has shared addons from: an absolute path in one that the server offers; empty is
    /// none.
    public var sharedAddons: String?
    /// The folder of the server that the instance has its files in, one of those that the server offers for that; empty is
    /// a volume of Docker's.
    public var externalFilestore: String?
    /// Whether Odoo is started again when it crashes.
    public var autoRestart: Bool?
    /// Where custom modules come from; Odoo searches them in this order. A list that is given replaces the whole.
    public var customModules: [ModuleSource]?
    /// What is installed beside what the images bring.
    public var packages: Packages?
    /// What is set of PostgreSQL.
    public var postgres: PostgresSettings?
    /// The limits of the Odoo container.
    public var odoo: ContainerLimits?
    /// The limits of the database container.
    public var database: ContainerLimits?

    /// Settings of which only those given are set.
    public init(
      workers: Int? = nil, workerMemoryMB: Int? = nil, cronThreads: Int? = nil, cpuTimeLimit: Int? = nil,
      realTimeLimit: Int? = nil, logLevel: String? = nil, databaseFilter: String? = nil,
      odooConf: String? = nil, sharedAddons: String? = nil, externalFilestore: String? = nil,
      autoRestart: Bool? = nil,
      customModules: [ModuleSource]? = nil,
      packages: Packages? = nil, postgres: PostgresSettings? = nil, odoo: ContainerLimits? = nil,
      database: ContainerLimits? = nil
    ) {
      self.workers = workers
      self.workerMemoryMB = workerMemoryMB
      self.cronThreads = cronThreads
      self.cpuTimeLimit = cpuTimeLimit
      self.realTimeLimit = realTimeLimit
      self.logLevel = logLevel
      self.databaseFilter = databaseFilter
      self.odooConf = odooConf
      self.sharedAddons = sharedAddons
      self.externalFilestore = externalFilestore
      self.autoRestart = autoRestart
      self.customModules = customModules
      self.packages = packages
      self.postgres = postgres
      self.odoo = odoo
      self.database = database
    }
  }

  /// Where an instance has modules of its own from: a branch of a Git repository.
  public struct ModuleSource: Codable, Sendable, Equatable {
    /// The repository's address: `https://`, `http://`, `ssh://` or `user@host:path`, without a password.
    public var repository: String
    /// The branch; absent means the repository's default branch.
    public var branch: String?

    /// The source `repository`, at `branch`.
    public init(repository: String, branch: String? = nil) {
      self.repository = repository
      self.branch = branch
    }
  }

  /// The limits of one container.
  public struct ContainerLimits: Codable, Sendable, Equatable {
    /// Relative weight among the containers of the server; 1024 is Docker's default.
    public var cpuShares: Int?
    /// Hard memory limit in MB; 0 is none.
    public var memoryMB: Int?
    /// Memory reservation in MB; 0 is none.
    public var memoryReservationMB: Int?
    /// Size of /dev/shm in MB.
    public var shmMB: Int?

    /// Limits of which only those given are set.
    public init(
      cpuShares: Int? = nil, memoryMB: Int? = nil, memoryReservationMB: Int? = nil, shmMB: Int? = nil
    ) {
      self.cpuShares = cpuShares
      self.memoryMB = memoryMB
      self.memoryReservationMB = memoryReservationMB
      self.shmMB = shmMB
    }
  }

  /// The request that creates an instance.
  public struct CreateInstance: Codable, Sendable, Equatable {
    /// The name, a DNS label.
    public var name: String
    /// The Odoo version; absent means the latest supported one.
    public var version: String?
    /// `community` (default) or `enterprise`.
    public var edition: String?
    /// `production` (default), `staging` or `dev`.
    public var stage: String?
    /// The server's name or id; absent means chosen for you.
    public var server: String?
    /// Language of the first user, such as `de_DE`; absent means `en_US`.
    public var language: String?
    /// Country of the first company, ISO 3166 alpha-2.
    public var country: String?
    /// Whether demo data is loaded; absent means no.
    public var demo: Bool?
    /// Modules to install beside `base`.
    public var modules: [String]?
    /// The first port of the block; absent means the next free block.
    public var basePort: Int?
    /// The settings that differ from the defaults.
    public var settings: InstanceSettings?

    /// A request to create the instance `name`.
    public init(
      name: String, version: String? = nil, edition: String? = nil, stage: String? = nil,
      server: String? = nil, language: String? = nil, country: String? = nil, demo: Bool? = nil,
      modules: [String]? = nil, basePort: Int? = nil, settings: InstanceSettings? = nil
    ) {
      self.name = name
      self.version = version
      self.edition = edition
      self.stage = stage
      self.server = server
      self.language = language
      self.country = country
      self.demo = demo
      self.modules = modules
      self.basePort = basePort
      self.settings = settings
    }
  }

  /// The answer to a request that creates an instance.
  public struct CreatedInstance: Codable, Sendable, Equatable {
    /// The instance.
    public var instance: Instance
    /// The job that makes it.
    public var job: Job
    /// The password of Odoo's user `admin`. It is said here only, is stored nowhere, and is absent when the same
    /// request had been made before.
    public var adminPassword: String?
    /// Remarks that need no action, such as a port block that was skipped.
    public var notes: [String]

    /// What came of the request.
    public init(instance: Instance, job: Job, adminPassword: String?, notes: [String]) {
      self.instance = instance
      self.job = job
      self.adminPassword = adminPassword
      self.notes = notes
    }
  }

  /// What it takes to reach the database of an instance with a program of one's own.
  public struct DatabaseAccess: Codable, Sendable, Equatable {
    /// The database's name.
    public var database: String
    /// The user that owns it.
    public var user: String
    /// The user's password.
    public var password: String
    /// The port of PostgreSQL on the server's loopback address.
    public var port: Int
    /// A command that brings the port to the own machine, for somebody with an account `YOU` on the server.
    public var tunnel: String?
    /// A command that opens the database, on the server itself or behind the tunnel.
    public var client: String

    /// Access by these values.
    public init(database: String, user: String, password: String, port: Int, tunnel: String?, client: String)
    {
      self.database = database
      self.user = user
      self.password = password
      self.port = port
      self.tunnel = tunnel
      self.client = client
    }
  }

  /// The request that moves an instance to another stage.
  public struct MoveInstance: Codable, Sendable, Equatable {
    /// `production`, `staging` or `dev`.
    public var stage: String

    /// A move to `stage`.
    public init(stage: String) {
      self.stage = stage
    }
  }

  /// The request that restarts an instance.
  public struct RestartInstance: Codable, Sendable, Equatable {
    /// `soft` (Odoo's process anew) or `hard` (containers anew).
    public var mode: String

    /// A restart of kind `mode`.
    public init(mode: String) {
      self.mode = mode
    }
  }

  /// One line of an instance's log.
  public struct LogLine: Codable, Sendable, Equatable {
    /// When Docker received the line.
    public var time: Date
    /// `odoo` or `database`.
    public var source: String
    /// Odoo's level (`INFO`, `WARNING`, …), absent where the line has none.
    public var level: String?
    /// The line as the program wrote it, without colour codes.
    public var text: String

    /// One line of a log.
    public init(time: Date, source: String, level: String?, text: String) {
      self.time = time
      self.source = source
      self.level = level
      self.text = text
    }
  }
}
