/// How much an instance needs, and what a host can carry.
///
/// Sources: Odoo documentation, "System configuration" (workers = cores × 2 + 1, a worker takes 150 to 300 MB
/// in everyday work); measured with Odoo 19.0: 90 MB without workers, 200 MB with two idle ones, a database
/// container of its own 13 to 26 MB idle.
public enum Sizing {
  /// MB that a worker takes in everyday work.
  public static let memoryPerWorker = 300

  /// MB that an instance takes besides its workers: master, gevent and cron processes, and its database.
  public static let memoryOfInstance = 512

  /// MB of a host that stay free for its own system.
  public static let memoryOfHost = 512

  /// Concurrent users that a worker serves, by the same documentation.
  public static let usersPerWorker = 6

  /// The most workers that make sense on a number of cores.
  public static func maximumWorkers(cores: Int) -> Int { max(1, cores) * 2 + 1 }

  /// MB that an instance with so many workers needs; without workers the one process is part of the base.
  public static func memoryNeeded(workers: Int) -> Int {
    max(0, workers) * memoryPerWorker + memoryOfInstance
  }

  /// What to set for an instance.
  public struct Advice: Hashable, Sendable {
    /// Worker processes; 0 where memory is too short for two.
    public var workers: Int
    /// Threads or processes for scheduled actions.
    public var cronThreads: Int
    /// Soft limit of a worker's virtual memory in MB.
    public var memoryPerWorker: Int
    /// MB that the instance then needs.
    public var memoryNeeded: Int
    /// Concurrent users that this serves comfortably.
    public var users: Int
    /// Why, in a sentence.
    public var reason: String
  }

  /// Advice for an instance that may use so many cores and so much memory.
  ///
  /// Workers are cores × 2 + 1 as far as memory reaches. A single worker would serve one request at a time,
  /// so below two the advice is none: threads of one process.
  /// - Parameters:
  ///   - cores: processor cores it may use; fewer than one counts as one.
  ///   - memory: MB it may use.
  ///   - workersWanted: how many workers its users need at most; nil for as many as the cores carry.
  public static func advice(cores: Int, memory: Int, workersWanted: Int? = nil) -> Advice {
    let byCores = maximumWorkers(cores: cores)
    let byMemory = max(0, memory - memoryOfInstance) / memoryPerWorker
    let bound = min(byCores, byMemory, max(0, workersWanted ?? byCores))
    let workers = bound < 2 ? 0 : bound
    let reason =
      if byMemory < 2 {
        "\(memory) MB are too little for two workers (\(Sizing.memoryNeeded(workers: 2)) MB), "
          + "so one process serves everything with threads."
      } else if workers == 0 {
        "One process with threads is enough for what is asked."
      } else if workers < byCores, workers == byMemory {
        "Memory is the limit: \(workers) workers of \(memoryPerWorker) MB and \(memoryOfInstance) MB "
          + "for the rest."
      } else if workers < byCores {
        "As many workers as are asked for; \(byCores) would be the most for \(max(1, cores)) cores."
      } else {
        "\(byCores) workers: cores × 2 + 1."
      }
    return Advice(
      workers: workers, cronThreads: min(8, max(1, cores / 3)), memoryPerWorker: 2_048,
      memoryNeeded: memoryNeeded(workers: workers), users: workers * usersPerWorker, reason: reason)
  }
}
