/// Settings for a PostgreSQL server that serves one instance.
public enum PostgresTuning {
  /// What the server is for.
  public enum Purpose: Hashable, Sendable {
    /// Many side by side, mostly idle, their data a copy or a trial: as small as possible. Measured idle:
    /// 17 MB with 32 MB of shared buffers, against 26 MB with PostgreSQL's defaults.
    case small
    /// Data that people work with: room to cache, and the write-ahead log that backups need.
    case full
  }

  /// A line of `postgresql.conf`.
  public struct Setting: Hashable, Sendable {
    /// The parameter's name.
    public var name: String
    /// Its value as the file has it.
    public var value: String
  }

  /// The settings, in a fixed order, valid for PostgreSQL 12 to 18.
  /// - Parameters:
  ///   - memory: MB the server may use; counts only for `full`.
  ///   - maxConnections: from `ConnectionPlan`.
  public static func settings(for purpose: Purpose, memory: Int, maxConnections: Int) -> [Setting] {
    var settings: [Setting] = []
    func set(_ name: String, _ value: String) { settings.append(Setting(name: name, value: value)) }
    set("max_connections", String(maxConnections))
    switch purpose {
    case .small:
      set("shared_buffers", "32MB")
      set("effective_cache_size", "256MB")
      set("work_mem", "4MB")
      set("maintenance_work_mem", "64MB")
      set("min_wal_size", "32MB")
      set("max_wal_size", "256MB")
      // A commit need not wait for the disk: a crash may lose the last moments of a trial, never its
      // consistency. The log level stays as it is, so that a running cluster can still be copied.
      set("synchronous_commit", "off")
      set("autovacuum_max_workers", "1")
      set("max_worker_processes", "2")
      set("max_parallel_workers_per_gather", "0")
    case .full:
      let megabytes = max(512, memory)
      set("shared_buffers", "\(clamp(megabytes / 4, 128, 8_192))MB")
      set("effective_cache_size", "\(megabytes / 4 * 3)MB")
      set("work_mem", "\(clamp(megabytes / 4 / max(1, maxConnections), 4, 64))MB")
      set("maintenance_work_mem", "\(clamp(megabytes / 16, 64, 1_024))MB")
      set("min_wal_size", "80MB")
      set("max_wal_size", megabytes >= 4_096 ? "4GB" : "1GB")
      set("checkpoint_completion_target", "0.9")
      set("autovacuum_max_workers", "3")
    }
    set("wal_compression", "on")
    set("random_page_cost", "1.1")
    // Odoo's statements are many and short: compiling them costs more than it saves.
    set("jit", "off")
    return settings
  }

  private static func clamp(_ value: Int, _ low: Int, _ high: Int) -> Int { min(high, max(low, value)) }
}
