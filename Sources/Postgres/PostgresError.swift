/// What the server or the connection to it refused.
///
/// `sqlState` is the server's five-character code (PostgreSQL's appendix A); errors of the connection have none.
public struct PostgresError: Error, Sendable {
  /// Where it went wrong.
  public enum Kind: Sendable, Hashable {
    /// The server refused a statement.
    case server
    /// No connection could be made.
    case cannotConnect
    /// The connection was lost while a statement was in flight: it may or may not have been done.
    case connectionLost
    /// The program used a connection or the pool in a way that cannot work.
    case misuse
  }

  /// Where it went wrong.
  public let kind: Kind
  /// The server's code, such as `23505`; empty when the connection failed.
  public var sqlState = ""
  /// What happened.
  public var message: String
  /// More about it, if the server says more.
  public var detail: String?
  /// What the server advises.
  public var hint: String?
  /// The schema of the table concerned.
  public var schema: String?
  /// The table concerned.
  public var table: String?
  /// The column concerned.
  public var column: String?
  /// The constraint or unique index that was violated.
  public var constraint: String?
  /// The statement, without the values bound to it.
  public var statement: String?

  /// An error of that kind.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// A row of that key is there already: of any unique constraint, or of the one with that name.
  public func isUniqueViolation(_ constraint: String? = nil) -> Bool {
    sqlState == "23505" && (constraint == nil || constraint == self.constraint)
  }

  /// A row that another one points to is missing or still needed: any foreign key, or the one with that name.
  public func isForeignKeyViolation(_ constraint: String? = nil) -> Bool {
    sqlState == "23503" && (constraint == nil || constraint == self.constraint)
  }

  /// A rule on a row is broken: any CHECK constraint, or the one with that name.
  public func isCheckViolation(_ constraint: String? = nil) -> Bool {
    sqlState == "23514" && (constraint == nil || constraint == self.constraint)
  }

  /// The connection was lost or could not be made; the same statement may work a little later.
  public var isConnectionLoss: Bool {
    kind == .connectionLost || kind == .cannotConnect
  }

  /// Whether a text could not be kept as it is: no text of PostgreSQL has the character U+0000.
  public var isUnkeepableText: Bool { sqlState == "22021" }

  /// The server has run out of disk, memory or connections (class 53); the same statement works when there is some again.
  public var isOutOfResources: Bool { sqlState.hasPrefix("53") }

  /// The transaction lost against another one (serialization failure or deadlock) and may be tried again.
  public var isTransactionConflict: Bool {
    sqlState == "40001" || sqlState == "40P01"
  }
}

extension PostgresError: CustomStringConvertible {
  /// The message with everything that helps to find the cause, on one line.
  public var description: String {
    var text = sqlState.isEmpty ? message : "\(message) [\(sqlState)]"
    if let detail { text += ". \(detail)" }
    if let hint { text += ". Hint: \(hint)" }
    if let statement { text += ". Statement: \(statement.prefix(300))" }
    return text
  }
}

/// A value that has no form in the type it is bound as.
public struct PostgresEncodingError: Error, Sendable, CustomStringConvertible {
  let type: String
  let reason: String

  /// What could not be bound, and why.
  public var description: String { "a value of type \(type) cannot be bound to a statement: \(reason)" }
}

/// A column that does not hold what the program reads from it.
public struct PostgresDecodingError: Error, Sendable, CustomStringConvertible {
  let expected: String
  let found: String
  var column: String?

  /// A field that is not what was expected.
  public init(_ cell: PostgresCell, expecting expected: String) {
    self.expected = expected
    found = cell.bytes.map { "\($0.count) bytes of the type with OID \(cell.type)" } ?? "NULL"
  }

  init(column: String, expected: String, found: String) {
    self.column = column
    self.expected = expected
    self.found = found
  }

  /// The column, what was expected and what was there.
  public var description: String {
    "\(column.map { "column '\($0)'" } ?? "a column") should hold \(expected) but has \(found)"
  }
}
