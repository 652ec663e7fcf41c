extension Sizing {
  /// What is wrong with a memory limit for an instance's Odoo and database together, or nil.
  /// - Parameters:
  ///   - limit: MB; 0 for no limit.
  ///   - workers: number of workers.
  public static func problem(memoryLimit limit: Int, workers: Int, field: String = "memoryLimit")
    -> InputProblem?
  {
    let need = memoryNeeded(workers: workers)
    guard limit > 0, limit < need else { return nil }
    let possible = (limit - memoryOfInstance) / memoryPerWorker
    let less =
      if limit < memoryOfInstance || workers == 0 {
        ""
      } else if possible < 2 {
        ", or set the workers to 0"
      } else {
        ", or use at most \(possible) workers"
      }
    let parts =
      workers == 0
      ? "An instance without workers needs \(need) MB"
      : "\(workers) worker\(workers == 1 ? "" : "s") need\(workers == 1 ? "s" : "") \(need) MB "
        + "(\(memoryPerWorker) MB each and \(memoryOfInstance) MB for the rest)"
    return InputProblem(
      field: field, message: "\(parts), and the memory limit is \(limit) MB.",
      suggestion: "Raise the limit to \(need) MB or more\(less).")
  }

  /// What is wrong with a worker's soft limit, or nil. Odoo compares it with virtual memory, so a limit below
  /// what a worker takes at rest replaces every worker after each request.
  /// - Parameter megabytes: the soft limit in MB; 0 for none.
  public static func problem(memoryPerWorker megabytes: Int) -> InputProblem? {
    guard megabytes > 0, megabytes < memoryPerWorker else { return nil }
    return InputProblem(
      field: ConfField.memoryPerWorker.rawValue,
      message: "A worker takes \(memoryPerWorker) MB, and its limit is \(megabytes) MB: "
        + "each would be replaced after every request.",
      suggestion: "Give \(memoryPerWorker) MB or more; Odoo's default is 2048 MB.")
  }
}
