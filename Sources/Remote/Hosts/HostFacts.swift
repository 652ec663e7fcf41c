/// What a machine is and how loaded it is, at one moment.
public struct HostFacts: Sendable, Hashable {
  /// Processors that programs may use.
  public var cores: Int
  /// Memory in all, in bytes.
  public var memoryTotal: Int
  /// Memory that a new program could use without swapping, in bytes (the kernel's `MemAvailable`).
  public var memoryAvailable: Int
  /// Swap in all, in bytes; 0 where there is none.
  public var swapTotal: Int
  /// Swap that is free, in bytes.
  public var swapFree: Int
  /// The file system that holds the path that was asked for.
  public var disk: DiskFacts
  /// Runnable processes on average over 1, 5 and 15 minutes.
  public var load: Load
  /// The distribution's name, such as "Debian GNU/Linux" (`NAME` of os-release).
  public var osName: String
  /// The distribution's version, such as "12"; empty for rolling ones (`VERSION_ID` of os-release).
  public var osVersion: String
  /// The machine's architecture as the kernel calls it: `x86_64`, `aarch64`.
  public var architecture: String

  /// Average numbers of runnable processes.
  public struct Load: Sendable, Hashable {
    /// Over the last minute.
    public var one: Double
    /// Over the last five minutes.
    public var five: Double
    /// Over the last fifteen minutes.
    public var fifteen: Double

    /// A load of these averages.
    public init(one: Double, five: Double, fifteen: Double) {
      self.one = one
      self.five = five
      self.fifteen = fifteen
    }
  }

  /// Facts of these values: for tests and for placement that is told what a server has.
  public init(
    cores: Int, memoryTotal: Int, memoryAvailable: Int, swapTotal: Int = 0, swapFree: Int = 0,
    disk: DiskFacts,
    load: Load = Load(one: 0, five: 0, fifteen: 0), osName: String, osVersion: String, architecture: String
  ) {
    self.cores = cores
    self.memoryTotal = memoryTotal
    self.memoryAvailable = memoryAvailable
    self.swapTotal = swapTotal
    self.swapFree = swapFree
    self.disk = disk
    self.load = load
    self.osName = osName
    self.osVersion = osVersion
    self.architecture = architecture
  }
}

/// How full a file system is.
public struct DiskFacts: Sendable, Hashable {
  /// The file system's size in bytes.
  public var total: Int
  /// What an ordinary user may still write, in bytes.
  public var available: Int
  /// How many files it can hold; 0 where the file system has no such limit (btrfs, for one).
  public var inodesTotal: Int
  /// How many more files it can hold; 0 where there is no such limit.
  public var inodesFree: Int

  /// A file system of these values.
  public init(total: Int, available: Int, inodesTotal: Int = 0, inodesFree: Int = 0) {
    self.total = total
    self.available = available
    self.inodesTotal = inodesTotal
    self.inodesFree = inodesFree
  }
}

extension Host {
  /// Reads the machine's facts with one command.
  ///
  /// - Parameter path: a file or folder on the file system whose space is wanted.
  /// - Throws: `HostError`, with `failed` if `path` does not exist; `CancellationError`.
  public func facts(diskAt path: String = "/") async throws -> HostFacts {
    let command = HostFacts.command(diskAt: path)
    let text = try await text(of: command, deadline: .seconds(20))
    do {
      return try HostFacts(report: text)
    } catch {
      throw HostError.unexpectedOutput(
        command: "The reading of the machine's facts", host: name, detail: error.detail)
    }
  }
}
