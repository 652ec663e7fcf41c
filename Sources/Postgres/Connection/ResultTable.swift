import CLibpq

/// The rows that one statement returned, in the memory where libpq put them.
///
/// `@unchecked Sendable` holds: a PGresult is read-only after its creation and may be passed between threads
/// (PostgreSQL's manual, "Behavior in Threaded Programs"); nothing here calls one of the functions that change
/// it, and it is cleared only when the last reference to it is gone.
final class ResultTable: @unchecked Sendable {
  private let result: OpaquePointer
  let columns: ResultColumns
  let rowCount: Int

  init(_ result: OpaquePointer, columns: ResultColumns) {
    self.result = result
    self.columns = columns
    rowCount = Int(PQntuples(result))
  }

  deinit {
    PQclear(result)
  }

  /// Rows that an INSERT, UPDATE, DELETE, MERGE or SELECT concerned; 0 for other statements.
  var affectedRows: Int {
    Int(String(cString: PQcmdTuples(result))) ?? 0
  }

  /// The name of the command that the server says it did, such as `INSERT 0 1` or `ROLLBACK`.
  var command: String {
    String(cString: PQcmdStatus(result))
  }

  var rows: [Row] {
    (0..<rowCount).map { Row(table: self, index: Int32($0)) }
  }

  func withCell<Value>(row: Int32, column: Int32, _ body: (PostgresCell) throws -> Value) rethrows -> Value {
    let type = columns.types[Int(column)]
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
      return try body(PostgresCell(bytes: nil, type: type))
    }
    let length = Int(PQgetlength(result, row, column))
    return try body(PostgresCell(bytes: UnsafeRawBufferPointer(start: start, count: length), type: type))
  }
}

/// The names and types of a statement's columns: read once per prepared statement, which cannot change them.
final class ResultColumns: Sendable {
  let names: [String]
  let types: [UInt32]
  private let places: [String: Int32]

  init(_ result: OpaquePointer) {
    let columns = 0..<PQnfields(result)
    names = columns.map { String(cString: PQfname(result, $0)) }
    types = columns.map { PQftype(result, $0) }
    places = Dictionary(zip(names, columns), uniquingKeysWith: { first, _ in first })
  }

  func place(of name: String) -> Int32? { places[name] }
}
