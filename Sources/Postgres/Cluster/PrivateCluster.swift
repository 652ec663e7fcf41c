import CLibpq
import FoundationEssentials
import Glibc
import Logging

/// A PostgreSQL server of our own: made, started and stopped by this process, reachable through a Unix socket
/// that only this process's user may use.
///
/// It survives `kill -9` of either side: a half-made cluster is made anew, a server left behind by a killed owner
/// is stopped first, and the files of a killed server are recovered by PostgreSQL itself. When this process is
/// killed, the kernel tells the server to stop.
public actor PrivateCluster {
  /// The only database user, a superuser of this server.
  public static let role = "odeum"
  /// The database made for us.
  public static let database = "odeum"

  /// What may be set about a cluster.
  public struct Options: Sendable {
    /// Settings of PostgreSQL that replace or add to ours (`postgresql.conf`).
    public var settings: [String: String] = [:]
    /// Whether files are forced to the disk; off is for tests only, since a power cut would lose the database.
    public var isDurable = true
    /// How long a start may take, recovery after a crash included.
    public var startTimeout: Duration = .seconds(300)

    /// The options of a real installation.
    public init() {}
  }

  /// How the server's end came about.
  public struct Ending: Sendable {
    /// What happened, with the end of the server's log.
    public let reason: String
  }

  /// One element each time that the server ends without having been told to; `start` starts it again.
  public nonisolated let unexpectedEndings: AsyncStream<Ending>

  private nonisolated let executor: ThreadExecutor
  /// A thread of its own: making and starting a cluster waits for other programs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let endings: AsyncStream<Ending>.Continuation
  private let options: Options
  private let logger: Logger
  private let folder: ClusterFolder
  private var lock: FolderLock?
  private var server: ChildProcess?

  /// A cluster in that folder, which is made when it starts for the first time. Nothing is started yet.
  ///
  /// Throws `ClusterError` when nobody could run it there.
  public init(folder: String, options: Options = Options(), logger: Logger) throws {
    executor = try ThreadExecutor(name: "postgres-own")
    (unexpectedEndings, endings) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.folder = try ClusterFolder(folder, user: ServerUser.current())
    self.options = options
    self.logger = logger
  }

  deinit {
    server?.signal(SIGINT)
    endings.finish()
  }

  /// How to connect to it.
  public nonisolated var configuration: PostgresConfiguration {
    PostgresConfiguration(host: folder.socket, user: Self.role, database: Self.database)
  }

  /// Whether a cluster has been made in `folder`, by whichever process; also true where this one must not look. Nothing
  /// is written.
  public static func isMade(in folder: String) -> Bool {
    access(ClusterFolder.data(in: folder), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)
  }

  /// The number of the server's process, while it runs.
  public var processID: Int32? { isRunning ? server?.pid : nil }

  private var isRunning: Bool { server.map { $0.exitStatus == nil } ?? false }

  /// Starts the server, unless it runs, and returns when it accepts connections and the database is there.
  ///
  /// Makes the cluster first if there is none. Throws `ClusterError` with the end of the server's log.
  public func start() async throws {
    guard !isRunning else { return }
    if lock == nil { lock = try folder.lock() }
    do {
      let programs = try ServerPrograms.find(for: folder.data)
      FormerServer(data: folder.data).stop(logger: logger)
      try folder.makeSocketFolder()
      try ClusterMaker(folder: folder, programs: programs, isDurable: options.isDurable).makeIfMissing(logger)
      try folder.writeSettings(settings)
      server = try launch(programs)
      try waitUntilReady()
      try await makeDatabase()
    } catch {
      stop()
      throw error
    }
  }

  /// Stops the server: running statements are cancelled, everything committed is on the disk. Returns when its
  /// process has ended; the folder is free then.
  public func stop() {
    if let server {
      self.server = nil
      // INT: no new sessions, running ones are ended. QUIT: at once, with recovery at the next start.
      for (signal, patience) in [(SIGINT, 30.0), (SIGQUIT, 5.0), (SIGKILL, 5.0)] {
        server.signal(signal)
        if server.waitForEnd(seconds: patience) != nil { break }
        logger.warning("the database server did not stop within \(patience) s of signal \(signal)")
      }
    }
    folder.removeOutsideSocket()
    lock = nil
  }

  /// Starts the server again whenever it ends by itself, until the task is cancelled. At once the first time; when
  /// it ends again within a minute, after pauses that grow to 30 s. Call it after `start`.
  public nonisolated func keepRunning() async {
    var pause = Duration.zero
    var lastEnd: ContinuousClock.Instant?
    for await ending in unexpectedEndings {
      logger.error("the built-in database server ended: \(ending.reason)")
      if let lastEnd, ContinuousClock.now - lastEnd < .seconds(60) {
        pause = min(max(pause * 2, .milliseconds(200)), .seconds(30))
      } else {
        pause = .zero
      }
      lastEnd = .now
      repeat {
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        pause = min(max(pause * 2, .milliseconds(200)), .seconds(30))
      } while await !isStartedAgain()
    }
  }

  private func isStartedAgain() async -> Bool {
    do {
      try await start()
      logger.notice("the built-in database server runs again")
      return true
    } catch {
      logger.error("the built-in database server could not be started again: \(error)")
      return false
    }
  }

  /// Ours first, then those of the options.
  private var settings: [String: String] {
    var settings = [
      "listen_addresses": "", "unix_socket_directories": folder.socket, "unix_socket_permissions": "0700",
      "hba_file": "\(folder.path)/pg_hba.conf", "ident_file": "\(folder.path)/pg_ident.conf",
      "max_connections": "60", "shared_buffers": "64MB", "max_wal_size": "512MB", "jit": "off",
      // Errors of statements come back to us as errors; the log is for what happens to the server.
      "log_min_messages": "log", "log_checkpoints": "off", "log_line_prefix": "%m [%p] ", "timezone": "UTC",
      "log_timezone": "UTC",
    ]
    if !options.isDurable {
      for name in ["fsync", "synchronous_commit", "full_page_writes"] { settings[name] = "off" }
    }
    return settings.merging(options.settings) { _, given in given }
  }

  private func launch(_ programs: ServerPrograms) throws -> ChildProcess {
    let log = try folder.openLog()
    defer { close(log) }
    let words = folder.user.words(
      [programs.postgres, "-D", folder.data, "-c", "config_file=\(folder.settings)"],
      signalWhenOrphaned: options.isDurable ? "INT" : "QUIT")
    return try ChildProcess(words, output: log) { [weak self] status in
      Task { await self?.serverEnded(status) }
    }
  }

  private func serverEnded(_ status: ChildProcess.Status) {
    // After `stop` there is no server to miss, and after a restart this is the news of the one before.
    guard let server, server.exitStatus != nil, lock != nil else { return }
    self.server = nil
    endings.yield(Ending(reason: "its process \(status); its log ends with: \(folder.endOfLog())"))
  }

  private func waitUntilReady() throws {
    var probe = configuration
    probe.database = "postgres"
    let seconds = Int(options.startTimeout.components.seconds)
    let end = ContinuousClock.now + options.startTimeout
    while CStrings.with(probe.effectiveParameters, { PQpingParams($0, $1, 0) }) != PQPING_OK {
      if let status = server?.exitStatus {
        throw ClusterError.failed(
          program: "the PostgreSQL server in \(folder.path)", reason: "\(status) while it started",
          output: folder.endOfLog())
      }
      guard ContinuousClock.now < end else {
        throw ClusterError.notReady(folder: folder.path, seconds: seconds, output: folder.endOfLog())
      }
      usleep(10_000)
    }
  }

  private func makeDatabase() async throws {
    var maintenance = configuration
    maintenance.database = "postgres"
    let session = try Session(logger: logger)
    _ = try await session.connect(maintenance)
    let found = try await session.run("SELECT 1 FROM pg_database WHERE datname = \(Self.database)")
    if found.rowCount == 0 {
      _ = try await session.run("CREATE DATABASE \(identifier: Self.database)")
    }
    await session.close()
  }
}
