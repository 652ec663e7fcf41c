/// A setting of an instance that has a field of its own and becomes a key of `odoo.conf`.
public enum ConfField: String, CaseIterable, Hashable, Codable, Sendable {
  /// Worker processes; 0 serves everything with threads of one process.
  case workers
  /// Threads or processes for scheduled actions.
  case cronThreads
  /// The soft limit of a worker's memory.
  case memoryPerWorker
  /// Processor seconds a request may take.
  case cpuTimeLimit
  /// Seconds a request may take.
  case realTimeLimit
  /// Which databases Odoo serves.
  case databaseFilter
  /// How much Odoo logs.
  case logLevel

  /// The numbers the field takes, in its own unit (MB for memory, seconds for times); 0 for those of text.
  public var allowed: ClosedRange<Int> {
    switch self {
    case .workers: 0...1_000
    case .cronThreads: 0...100
    case .memoryPerWorker: 0...1_048_576
    case .cpuTimeLimit: 1...604_800
    case .realTimeLimit: 0...604_800
    case .databaseFilter, .logLevel: 0...0
    }
  }

  /// The field's label in the console.
  public var label: String {
    switch self {
    case .workers: "Workers"
    case .cronThreads: "Cron threads"
    case .memoryPerWorker: "Max memory per worker"
    case .cpuTimeLimit: "CPU time limit"
    case .realTimeLimit: "Real time limit"
    case .databaseFilter: "Database filter"
    case .logLevel: "Log level"
    }
  }
}

/// A value that a snippet gives for a key that has a field of its own: to be stored in the field, not in the
/// snippet.
public enum FieldChange: Hashable, Sendable {
  /// Number of worker processes.
  case workers(Int)
  /// Number of cron threads.
  case cronThreads(Int)
  /// Soft limit in MB of 1024 × 1024 bytes; 0 for none.
  case memoryPerWorker(megabytes: Int)
  /// Seconds of processor time a request.
  case cpuTimeLimit(seconds: Int)
  /// Seconds a request; 0 for none.
  case realTimeLimit(seconds: Int)
  /// Regular expression of database names.
  case databaseFilter(String)
  /// Level of the log.
  case logLevel(LogLevelName)

  /// The field it is for.
  public var field: ConfField {
    switch self {
    case .workers: .workers
    case .cronThreads: .cronThreads
    case .memoryPerWorker: .memoryPerWorker
    case .cpuTimeLimit: .cpuTimeLimit
    case .realTimeLimit: .realTimeLimit
    case .databaseFilter: .databaseFilter
    case .logLevel: .logLevel
    }
  }
}

/// The values of `log_level` that every version takes.
public enum LogLevelName: String, CaseIterable, Hashable, Codable, Sendable {
  /// Odoo's default.
  case info
  /// Warnings and errors.
  case warn
  /// Errors only.
  case error
  /// Critical errors only.
  case critical
  /// Everything but SQL.
  case debug
  /// Also every RPC request.
  case debugRPC = "debug_rpc"
  /// Also every RPC answer.
  case debugRPCAnswer = "debug_rpc_answer"
  /// Also every SQL statement.
  case debugSQL = "debug_sql"
  /// As on Odoo's own build farm.
  case runbot
  /// A synonym of the default.
  case test
  /// A synonym of the default.
  case notset
}

/// The values of `db_sslmode`, as libpq knows them.
public enum DatabaseSSLMode: String, CaseIterable, Hashable, Codable, Sendable {
  /// Never.
  case disable
  /// Only if the server insists.
  case allow
  /// If the server offers it; the default.
  case prefer
  /// Always, without checking who answers.
  case require
  /// Always, with a certificate of a known authority.
  case verifyCA = "verify-ca"
  /// Always, with a certificate of a known authority for this host.
  case verifyFull = "verify-full"
}
