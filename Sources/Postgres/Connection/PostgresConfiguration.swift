import CLibpq

/// Where the server is and how to reach it: the parameters of libpq ("Parameter Key Words" in its manual).
public struct PostgresConfiguration: Sendable {
  /// Parameters by libpq's names, such as `host`, `dbname` and `sslmode`.
  public var parameters: [String: String]
  /// How long a new connection keeps trying while the server is away or just starting. A server that answers
  /// with a refusal, such as a wrong password, is not asked twice.
  public var connectPatience: Duration = .seconds(5)
  /// How long a transaction may stand still between two statements; then the server undoes it and ends its connection
  /// (`idle_in_transaction_session_timeout`). A process that is stopped, or cut off, in the middle of one would otherwise
  /// hold up everybody who waits for its locks. Shorter than the time after which a worker counts as dead.
  public var transactionPatience: Duration = .seconds(5)

  /// From a `postgres://` or `postgresql://` address, or a line of `key=value`, as `psql` takes them.
  ///
  /// Throws `PostgresError` of kind `misuse` that says what is wrong in it.
  public init(url: String) throws {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      let reason = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      throw PostgresError(
        .misuse,
        "the database address cannot be read: \(reason.trimmingTrailingNewline). "
          + "It should look like postgres://user:password@host:5432/database?sslmode=require")
    }
    defer { PQconninfoFree(options) }
    parameters = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
  }

  /// From its parts. A host that begins with `/` is the folder of a Unix socket.
  public init(
    host: String, port: Int = 5432, user: String, password: String? = nil, database: String,
    parameters: [String: String] = [:]
  ) {
    self.parameters = parameters
    self.parameters["host"] = host
    self.parameters["port"] = String(port)
    self.parameters["user"] = user
    self.parameters["password"] = password
    self.parameters["dbname"] = database
  }

  /// The database's name.
  public var database: String {
    get { parameters["dbname"] ?? parameters["user"] ?? "" }
    set { parameters["dbname"] = newValue }
  }

  /// What libpq is given: what was set, and where nothing was set, limits that find a dead peer in about half a
  /// minute instead of hours.
  var effectiveParameters: [String: String] {
    let defaults = [
      "connect_timeout": "10", "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3",
      "tcp_user_timeout": "30000", "fallback_application_name": "odeum", "client_encoding": "UTF8",
    ]
    return defaults.merging(parameters) { _, given in given }
  }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
  /// Where it leads to, without the password.
  public var description: String {
    let user = parameters["user"].map { "\($0)@" } ?? ""
    let host = parameters["host"] ?? parameters["hostaddr"] ?? "the default host"
    return "\(user)\(host):\(parameters["port"] ?? "5432")/\(database)"
  }

  /// Nothing that would show the password.
  public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

extension String {
  var trimmingTrailingNewline: String {
    var text = self
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}
