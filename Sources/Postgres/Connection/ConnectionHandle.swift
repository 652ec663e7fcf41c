import CLibpq
import Glibc
import Logging

/// Owns a `PGconn`: opens it, gives it to libpq's functions, closes it at the end.
final class ConnectionHandle {
  let connection: OpaquePointer
  private let notices: Unmanaged<NoticeLog>

  /// Connects and waits. Throws `PostgresError` of kind `cannotConnect` with libpq's reasons, or
  /// `CancellationError` when `isCancelled` says so while it waits.
  init(_ configuration: PostgresConfiguration, logger: Logger, isCancelled: () -> Bool) throws {
    let parameters = configuration.effectiveParameters
    guard let connection = CStrings.with(parameters, { PQconnectStartParams($0, $1, 0) }) else {
      throw PostgresError(.cannotConnect, "the connection to \(configuration) failed: out of memory")
    }
    // Before anything is said, since libpq would print notices on standard error.
    let notices = Unmanaged.passRetained(NoticeLog(logger: logger))
    PQsetNoticeProcessor(
      connection,
      { context, message in
        guard let context, let message else { return }
        let text = String(cString: message).trimmingTrailingNewline
        Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue().logger.debug("PostgreSQL: \(text)")
      }, notices.toOpaque())
    let timeout = Int(parameters["connect_timeout"] ?? "") ?? 10
    do {
      try Self.finish(connection, timeout: timeout > 0 ? timeout : .max, isCancelled: isCancelled)
    } catch {
      let reason = String(cString: PQerrorMessage(connection)).trimmingTrailingNewline
      PQfinish(connection)
      notices.release()
      if error is CancellationError { throw error }
      throw PostgresError(
        .cannotConnect,
        "the connection to \(configuration) failed: \(reason.isEmpty ? "no answer in \(timeout) s" : reason)")
    }
    self.connection = connection
    self.notices = notices
  }

  deinit {
    PQfinish(connection)
    notices.release()
  }

  var isAlive: Bool { PQstatus(connection) == CONNECTION_OK }
  var socket: Int32 { PQsocket(connection) }
  var isInTransaction: Bool { PQtransactionStatus(connection) != PQTRANS_IDLE }
  /// 150018 for 15.18.
  var serverVersion: Int { Int(PQserverVersion(connection)) }

  /// Drives libpq's steps of connecting; it may open one socket after another.
  private static func finish(_ connection: OpaquePointer, timeout: Int, isCancelled: () -> Bool) throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(min(timeout, 3600))
    var status = PGRES_POLLING_WRITING
    while true {
      switch status {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_FAILED: throw PostgresError(.cannotConnect, "")
      default: break
      }
      if PQstatus(connection) == CONNECTION_BAD { throw PostgresError(.cannotConnect, "") }
      var socket = pollfd(
        fd: PQsocket(connection),
        events: Int16(status == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
      while poll(&socket, 1, 50) <= 0 {
        if isCancelled() { throw CancellationError() }
        if clock.now >= end { throw PostgresError(.cannotConnect, "") }
      }
      status = PQconnectPoll(connection)
    }
  }

  private final class NoticeLog {
    let logger: Logger

    init(logger: Logger) { self.logger = logger }
  }
}
