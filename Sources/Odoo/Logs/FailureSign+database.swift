extension FailureSign {
  /// Signs of a database server that does not let Odoo in.
  static let database: [FailureSign] = [
    FailureSign(.database, "password authentication failed for user") { text in
      let user = text.between("password authentication failed for user \"", "\"") ?? ""
      return (
        "The database server does not accept the password of \(user.isEmpty ? "the user" : user).",
        "Restart the instance hard, so that the password is set anew on both sides."
      )
    },
    FailureSign(.database, "no pg_hba.conf entry for host") { _ in
      (
        "The database server does not let this instance in (pg_hba.conf).",
        "Allow the instance's address, user and database on the server."
      )
    },
    FailureSign(.database, "could not translate host name") { text in
      let host = text.between("could not translate host name \"", "\"") ?? "of the database"
      return ("The database host \(host) is not known.", "Check that the database is running, and its name.")
    },
    FailureSign(.database, "too many clients already", full.0, full.1),
    FailureSign(.database, "remaining connection slots are reserved", full.0, full.1),
    FailureSign(.database, "The Connection Pool Is Full") { _ in
      (
        "A process of Odoo ran out of database connections.",
        "Use more workers, or allow more connections a process."
      )
    },
    FailureSign(
      .database, "the database system is starting up", "The database server was still starting.",
      "Start the instance again in a moment."),
    FailureSign(
      .database, "the database system is in recovery mode",
      "The database server was recovering from a crash.",
      "Start the instance again in a moment, and look at the database's log."),
    FailureSign(
      .database, "the database system is shutting down", "The database server was stopping.",
      "Start the instance again."),
    FailureSign(.database, "\" does not exist") { text in
      if let database = text.between("FATAL:  database \"", "\" does not exist") {
        return ("The database \(database) does not exist.", "Restore a backup, or create the instance anew.")
      }
      if let role = text.between("FATAL:  role \"", "\" does not exist") {
        return (
          "The database user \(role) does not exist.",
          "Restart the instance hard, so that the user is made anew."
        )
      }
      return nil
    },
    FailureSign(.database, "Connection refused", unreachable),
    FailureSign(.database, "could not connect to server", unreachable),
    FailureSign(.database, "No route to host", unreachable),
    FailureSign(.database, "timeout expired", unreachable),
    FailureSign(.database, "Database connection failure:", unreachable),
    FailureSign(.database, "server closed the connection unexpectedly") { _ in
      (
        "The database server ended the connection while Odoo was working.",
        "Look at the database's log: it was stopped, or killed for lack of memory."
      )
    },
    FailureSign(.database, "deadlock detected") { _ in
      ("Two processes waited for each other in the database.", "Try again while nothing else works on it.")
    },
    FailureSign(.database, "could not obtain lock on") { _ in
      (
        "Another process holds a part of the database that is needed.",
        "Stop the instance, or wait until its work is done, and try again."
      )
    },
  ]

  private static let full = (
    "The database server has no connection left.",
    "Raise max_connections, or use fewer workers or connections a process."
  )

  private init(
    _ cause: FailureReason.Cause, _ marker: String,
    _ read: @escaping @Sendable (_ text: String) -> (message: String, suggestion: String)?
  ) {
    self.init(cause, marker, read: read)
  }

  /// Only where the text is about PostgreSQL: modules reach out to other servers as well.
  @Sendable private static func unreachable(_ text: String) -> (message: String, suggestion: String)? {
    let signs = [
      "psycopg2", "connection to server", "could not connect to server", "Database connection failure",
    ]
    guard signs.contains(where: text.contains) else { return nil }
    let host = text.between("connection to server at \"", "\"") ?? text.between("on host \"", "\"")
    return (
      "The database server\(host.map { " \($0)" } ?? "") does not answer.",
      "Check that the database is running; its log says why if it is not."
    )
  }

  /// Signs of a database that does not fit the code.
  static let databaseState: [FailureSign] = [
    FailureSign(.databaseState, "not initialized, you can force it with") { text in
      let database = text.between("Database ", " not initialized") ?? ""
      return (
        "The database \(database) is empty: Odoo has not been set up in it.",
        "Create the instance anew, or restore a backup into it."
      )
    },
    FailureSign(.databaseState, "relation \"ir_module_module\" does not exist") { _ in
      (
        "The database has no tables of Odoo's.",
        "Restore a backup into it, or create the instance anew."
      )
    },
    FailureSign(.databaseState, "psycopg2.errors.UndefinedColumn") { text in
      let column = text.between("column ", " does not exist").map { " (\($0) is missing)" } ?? ""
      return (
        "The code is newer than the database\(column).",
        "Deploy the branch, so that its modules are updated in the database."
      )
    },
  ]
}
