/// One row of a result. Values are read out of it when asked for.
public struct Row: Sendable {
  let table: ResultTable
  let index: Int32

  /// The names of the columns, in the statement's order.
  public var columns: [String] { table.columns.names }

  /// The value of a column; NULL needs an optional type.
  ///
  /// Throws `PostgresDecodingError` when there is no such column, or it holds another type or NULL.
  public func get<Value: PostgresDecodable>(_ column: String, as _: Value.Type = Value.self) throws -> Value {
    try read(try place(of: column), Value.decode)
  }

  /// The value of a column by its place, counted from 0.
  public func get<Value: PostgresDecodable>(at place: Int, as _: Value.Type = Value.self) throws -> Value {
    guard table.columns.names.indices.contains(place) else {
      throw PostgresDecodingError(
        column: "\(place)", expected: "a value", found: "no place among \(table.columns.names.count) columns")
    }
    return try read(Int32(place), Value.decode)
  }

  /// A `jsonb` or `json` column as a `Decodable` type; dates as ISO 8601.
  public func get<Value: Decodable>(_ column: String, json _: Value.Type) throws -> Value {
    try read(try place(of: column)) { try PostgresJSON.decode(Value.self, from: $0) }
  }

  /// A `jsonb` or `json` column that may be NULL.
  public func get<Value: Decodable>(_ column: String, json _: Value?.Type) throws -> Value? {
    try read(try place(of: column)) { $0.bytes == nil ? nil : try PostgresJSON.decode(Value.self, from: $0) }
  }

  private func place(of column: String) throws -> Int32 {
    guard let place = table.columns.place(of: column) else {
      throw PostgresDecodingError(
        column: column, expected: "a value",
        found: "no place in the result, which has \(table.columns.names.joined(separator: ", "))")
    }
    return place
  }

  private func read<Value>(_ place: Int32, _ decode: (PostgresCell) throws -> Value) throws -> Value {
    do {
      return try table.withCell(row: index, column: place, decode)
    } catch var error as PostgresDecodingError {
      error.column = error.column ?? table.columns.names[Int(place)]
      throw error
    } catch let error as DecodingError {
      throw PostgresDecodingError(
        column: table.columns.names[Int(place)], expected: "\(Value.self)",
        found: "JSON of another shape: \(error)")
    }
  }
}
