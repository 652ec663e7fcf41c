/// How many database connections each process of an instance may open, and how many the server must allow.
///
/// Odoo keeps a pool per process, and each pool may grow to `db_maxconn` (`odoo/sql_db.py`). So a server must
/// allow, in the worst case:
///
///     with workers:     (workers + cron processes) × db_maxconn + gevent process
///     without workers:  db_maxconn, one process with one pool for requests, cron threads and websockets
///
/// and `reserve` more for backups, the console, `psql` and PostgreSQL's own superuser slots. A worker serves
/// one request at a time and needs few connections; the gevent process holds one for every websocket that is
/// just being served, and gets a limit of its own where the version has one (17.0 on), and otherwise sets the
/// limit of all.
public struct ConnectionPlan: Hashable, Sendable {
  /// `db_maxconn`.
  public var perProcess: Int
  /// `db_maxconn_gevent`; nil where the version has no such key or there is no such process.
  public var gevent: Int?
  /// The server's `max_connections`.
  public var maxConnections: Int

  /// Connections that do not belong to Odoo: three of PostgreSQL's superuser, and seven for people and tools.
  public static let reserve = 10

  /// Connections a worker or cron process should have at least: one for its request, one for what the request
  /// opens beside it.
  public static let minimumPerProcess = 2

  /// The plan for an instance whose server can be set to allow what is needed.
  public init(version: OdooVersion, workers: Int, cronThreads: Int) {
    let ownLimit = version.hasGeventConnectionLimit
    if workers == 0 {
      self.init(perProcess: 32 + max(0, cronThreads), gevent: nil, processes: 1)
    } else {
      self.init(
        perProcess: ownLimit ? 8 : 16, gevent: ownLimit ? 32 : nil,
        processes: workers + max(0, cronThreads) + (ownLimit ? 0 : 1))
    }
  }

  /// The plan for an instance on a server that grants it a fixed number of connections, the reserve included.
  /// - Throws: `InputProblem` when the processes cannot do with it.
  public init(
    version: OdooVersion, workers: Int, cronThreads: Int, granted: Int, field: String = "databaseConnections"
  ) throws(InputProblem) {
    let wish = ConnectionPlan(version: version, workers: workers, cronThreads: cronThreads)
    if wish.maxConnections <= granted {
      self = wish
      return
    }
    let usable = granted - Self.reserve
    let single = workers == 0
    // Without a limit of its own the gevent process counts as one more of the same size.
    let processes = single ? 1 : workers + max(0, cronThreads) + 1
    let each = usable / processes
    let minimum = single ? Self.minimumPerProcess + max(0, cronThreads) : Self.minimumPerProcess
    guard each >= minimum else {
      throw InputProblem(
        field: field,
        message: "The database server grants \(granted) connections, and \(processes) "
          + "process\(processes == 1 ? "" : "es") of Odoo need \(processes * minimum + Self.reserve).",
        suggestion: "Raise max_connections of the server, or use fewer workers.")
    }
    if wish.gevent == nil {
      self.init(perProcess: each, gevent: nil, processes: processes)
    } else {
      // What the division leaves over goes to the process that can use it best.
      let others = processes - 1
      let perProcess = min(each, wish.perProcess)
      self.init(perProcess: perProcess, gevent: usable - others * perProcess, processes: others)
    }
    maxConnections = granted
  }

  private init(perProcess: Int, gevent: Int?, processes: Int) {
    self.perProcess = perProcess
    self.gevent = gevent
    maxConnections = processes * perProcess + (gevent ?? 0) + Self.reserve
  }
}

extension OdooVersion {
  /// Whether the gevent process has a connection limit of its own (`db_maxconn_gevent`).
  public var hasGeventConnectionLimit: Bool { self >= .v17 }
}
