extension Sizing {
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
}
