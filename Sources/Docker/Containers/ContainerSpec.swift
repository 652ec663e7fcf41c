import Remote

/// What a container is made from.
public struct ContainerSpec: Sendable, Hashable {
  /// The image, by name or id. It must be on the host.
  public var image: String
  /// Replaces the image's entrypoint; an empty list removes it; `nil` keeps it.
  public var entrypoint: [Word]?
  /// Replaces the image's command; `nil` keeps it.
  public var command: [Word]?
  /// Environment variables by name. Anyone who may ask the engine sees them, secrets included.
  public var environment: [String: Word] = [:]
  /// The container's labels.
  public var labels: [String: String] = [:]
  /// The user, and after a colon the group, by name or number; `nil` keeps the image's.
  public var user: String?
  /// The host name inside; `nil` gives the container's short id.
  public var hostname: String?
  /// The working folder; `nil` keeps the image's.
  public var workingDirectory: String?

  /// The networks that it joins. With none it has no network but its own loopback.
  public var networks: [NetworkAttachment] = []
  /// Whether it shares the host's network instead; `networks` and `portBindings` must then be empty.
  public var usesHostNetwork = false
  /// Ports of the container that are reached at ports of the host.
  public var portBindings: [PortBinding] = []
  /// Names that resolve to given addresses inside: `host.docker.internal: host-gateway`, for one.
  public var extraHosts: [String: String] = [:]
  /// Volumes and folders inside.
  public var mounts: [Mount] = []

  /// Bounds of what it may use.
  public var limits = ContainerLimits()
  /// Shared memory (`/dev/shm`) in bytes; `nil` gives the engine's default of 64 MB.
  public var shmSize: Int?
  /// Limits of system resources by their names: `nofile`, for one.
  public var ulimits: [String: Int] = [:]

  /// When the engine starts it anew.
  public var restartPolicy = RestartPolicy.no
  /// Where its output goes.
  public var logging = LoggingPolicy.jsonFile()
  /// How its health is told; `nil` keeps the image's check, if it has one.
  public var healthcheck: Healthcheck?
  /// The signal that asks it to stop, such as "SIGINT"; `nil` keeps the image's, or SIGTERM.
  public var stopSignal: String?
  /// How long it may take to stop before it is killed; `nil` gives the engine's default of 10 seconds.
  public var stopTimeout: Duration?
  /// Whether a small init process passes signals on and reaps orphans.
  public var usesInit = false
  /// Whether the engine removes it when it has ended.
  public var removesItself = false

  /// Whether its own file system is read-only.
  public var isReadOnly = false
  /// Whether programs inside can never gain rights, by setuid for one. On by default.
  public var noNewPrivileges = true
  /// Capabilities that it loses, such as "ALL".
  public var droppedCapabilities: [String] = []
  /// Capabilities that it gains.
  public var addedCapabilities: [String] = []

  /// A container of `image` with everything else at its default.
  public init(image: String) {
    self.image = image
  }

  /// A container of `image` that runs `command`, with everything else at its default.
  public init(image: String, command: [Word]) {
    self.image = image
    self.command = command
  }
}

/// A network that a container joins.
public struct NetworkAttachment: Sendable, Hashable, ExpressibleByStringLiteral {
  /// The network's name or id.
  public var network: String
  /// Names by which the container is found on it, besides its own.
  public var aliases: [String]

  /// The network with aliases.
  public init(_ network: String, aliases: [String] = []) {
    self.network = network
    self.aliases = aliases
  }

  /// The network without aliases.
  public init(stringLiteral network: String) {
    self.init(network)
  }
}

/// A port of a container that is reached at a port of the host.
public struct PortBinding: Sendable, Hashable {
  /// The port inside.
  public var containerPort: Int
  /// The port on the host; `nil` lets the engine choose one.
  public var hostPort: Int?
  /// The address on the host. On loopback, nobody outside reaches it.
  public var hostAddress: String
  /// The transport.
  public var transport: Transport

  /// Transports of a port.
  public enum Transport: String, Sendable {
    /// TCP.
    case tcp
    /// UDP.
    case udp
  }

  /// A binding of `containerPort`, on loopback unless another address is given.
  public init(
    _ containerPort: Int, hostPort: Int?, hostAddress: String = "127.0.0.1", transport: Transport = .tcp
  ) {
    self.containerPort = containerPort
    self.hostPort = hostPort
    self.hostAddress = hostAddress
    self.transport = transport
  }
}

/// A volume, a folder of the host, or memory, seen inside a container.
public struct Mount: Sendable, Hashable {
  /// What is mounted.
  public enum Source: Sendable, Hashable {
    /// A named volume; it is made, without labels, if it does not exist.
    case volume(String)
    /// A file or folder of the host, which must exist.
    case bind(String)
    /// Memory of at most this many bytes; `nil` sets no limit.
    case tmpfs(size: Int?)
    /// Any other kind that a container made by somebody else has, by the engine's name for it.
    case other(String)
  }

  /// What is mounted.
  public var source: Source
  /// The absolute path inside.
  public var target: String
  /// Whether it cannot be written inside.
  public var isReadOnly: Bool

  /// A mount of `source` at `target`.
  public init(_ source: Source, at target: String, readOnly: Bool = false) {
    self.source = source
    self.target = target
    self.isReadOnly = readOnly
  }
}

/// Bounds of what a container may use. `nil` sets no bound.
public struct ContainerLimits: Sendable, Hashable {
  /// The most memory, in bytes. At this bound the kernel ends a process of it. Swap is not used beyond it.
  public var memory: Int?
  /// Memory that it is pushed back to when the host runs short, in bytes; below `memory`.
  public var memoryReservation: Int?
  /// The most processors at once, such as 1.5.
  public var cpus: Double?
  /// Its share of the processors when they are contended; 1024 is one part.
  public var cpuShares: Int?
  /// The most processes and threads.
  public var processes: Int?

  /// Limits of these values.
  public init(
    memory: Int? = nil, memoryReservation: Int? = nil, cpus: Double? = nil, cpuShares: Int? = nil,
    processes: Int? = nil
  ) {
    self.memory = memory
    self.memoryReservation = memoryReservation
    self.cpus = cpus
    self.cpuShares = cpuShares
    self.processes = processes
  }
}

/// When the engine starts a container anew.
public enum RestartPolicy: Sendable, Hashable {
  /// Never.
  case no
  /// When it ended with a status other than 0, at most so many times in a row; 0 sets no bound.
  case onFailure(maximum: Int)
  /// Whenever it ended and was not stopped on purpose; also after a restart of the host.
  case unlessStopped
  /// Whenever it ended, and after a restart of the engine also when it had been stopped.
  case always
}

/// Where a container's output goes.
public struct LoggingPolicy: Sendable, Hashable {
  /// The logging driver. `logs` reads those of `json-file` and `local`.
  public var driver: String
  /// The driver's options.
  public var options: [String: String]

  /// A policy of this driver and options.
  public init(driver: String, options: [String: String] = [:]) {
    self.driver = driver
    self.options = options
  }

  /// Files of at most `size` bytes of which the last `files` are kept: five of 20 MB by default.
  public static func jsonFile(files: Int = 5, size: Int = 20_000_000) -> LoggingPolicy {
    LoggingPolicy(driver: "json-file", options: ["max-file": String(files), "max-size": String(size)])
  }
}

/// How a container's health is told.
public struct Healthcheck: Sendable, Hashable {
  /// The command to run inside: healthy if it ends with 0. An empty one turns the image's check off.
  public var command: [Word]
  /// The time between two checks.
  public var interval: Duration
  /// The longest time that a check may take.
  public var timeout: Duration
  /// After how many failures in a row it is unhealthy.
  public var retries: Int
  /// How long failures do not count after the start.
  public var startPeriod: Duration

  /// A check that runs `command` without a shell.
  public init(
    command: [Word], interval: Duration = .seconds(30), timeout: Duration = .seconds(30), retries: Int = 3,
    startPeriod: Duration = .zero
  ) {
    self.command = command
    self.interval = interval
    self.timeout = timeout
    self.retries = retries
    self.startPeriod = startPeriod
  }
}
