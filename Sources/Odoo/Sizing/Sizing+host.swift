extension Sizing {
  /// What a host has in all.
  public struct Host: Hashable, Sendable {
    /// Processor cores.
    public var cores: Int
    /// MB of memory, without swap.
    public var memory: Int

    /// A host with so many cores and so many MB.
    public init(cores: Int, memory: Int) {
      self.cores = cores
      self.memory = memory
    }
  }

  /// What an instance on a host asks for.
  public struct Demand: Hashable, Sendable {
    /// Number of workers.
    public var workers: Int
    /// MB; what the workers need, or the limit where a lower one is set.
    public var memory: Int

    /// The demand of an instance with so many workers.
    /// - Parameter memoryLimit: MB that it cannot exceed; 0 for no limit.
    public init(workers: Int, memoryLimit: Int = 0) {
      self.workers = workers
      let need = Sizing.memoryNeeded(workers: workers)
      memory = memoryLimit > 0 ? min(need, memoryLimit) : need
    }
  }

  /// How a host stands with a set of instances.
  public struct Load: Hashable, Sendable {
    /// MB that all of them ask for.
    public var memory: Int
    /// MB there are for instances.
    public var memoryForInstances: Int
    /// Workers of all of them.
    public var workers: Int
    /// Workers that the cores carry.
    public var workersForCores: Int
    /// What a person should know before adding the instance; empty where it fits.
    public var warnings: [String]

    /// Whether memory is promised more than once.
    public var isOverCommitted: Bool { memory > memoryForInstances }

    /// MB still free for further instances; never below 0.
    public var memoryLeft: Int { max(0, memoryForInstances - memory) }
  }

  /// The load of a host with the instances it has and one more.
  /// - Parameter adding: the instance to be placed; nil to judge the host as it is.
  public static func load(of host: Host, instances: [Demand], adding: Demand? = nil) -> Load {
    let all = instances + (adding.map { [$0] } ?? [])
    var load = Load(
      memory: all.reduce(0) { $0 + $1.memory }, memoryForInstances: max(0, host.memory - memoryOfHost),
      workers: all.reduce(0) { $0 + $1.workers }, workersForCores: maximumWorkers(cores: host.cores),
      warnings: [])
    let count = all.count == 1 ? "1 instance asks" : "\(all.count) instances ask"
    if load.isOverCommitted {
      load.warnings.append(
        "Memory is over-committed: \(count) for \(load.memory) MB, and the server has "
          + "\(load.memoryForInstances) MB for them. Use fewer workers, another server, or more memory.")
    }
    if load.workers > load.workersForCores {
      load.warnings.append(
        "\(count) for \(load.workers) workers, and \(host.cores) cores carry about \(load.workersForCores): "
          + "when all are busy, each gets slower.")
    }
    return load
  }
}
