import CLibpq

/// Reads the status of a result and makes an error of a refusal.
enum ServerAnswer {
  /// Throws when the statement failed, and clears the result then unless told otherwise.
  static func check(
    _ result: OpaquePointer?, _ handle: ConnectionHandle, statement: String, clearing: Bool = true
  ) throws {
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      return
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      if clearing { PQclear(result) }
      throw PostgresError(.misuse, "COPY from or to the client is not supported here: \(statement)")
    default:
      let error = error(result, handle, statement: statement)
      if clearing { PQclear(result) }
      throw error
    }
  }

  /// The server's report. A lost connection is told by libpq's status: its errors have no SQLSTATE.
  private static func error(
    _ result: OpaquePointer?, _ handle: ConnectionHandle, statement: String
  ) -> PostgresError {
    func field(_ code: Character) -> String? {
      PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
    }
    let fallback = String(cString: PQerrorMessage(handle.connection)).trimmingTrailingNewline
    var error = PostgresError(handle.isAlive ? .server : .connectionLost, field("M") ?? fallback)
    error.sqlState = field("C") ?? ""
    error.detail = field("D")
    error.hint = field("H")
    error.schema = field("s")
    error.table = field("t")
    error.column = field("c")
    error.constraint = field("n")
    error.statement = statement
    return error
  }

  /// Whether a prepared statement no longer fits: its result would have other columns (0A000), or it is gone.
  static func isStalePlan(_ error: PostgresError) -> Bool {
    error.sqlState == "26000" || (error.sqlState == "0A000" && error.message.contains("cached plan"))
  }
}
