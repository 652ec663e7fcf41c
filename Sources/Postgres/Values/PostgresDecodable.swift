import FoundationEssentials

/// A Swift value that can be read from a column, in PostgreSQL's binary format.
///
/// `RawRepresentable` types, such as enums of strings, only have to state the conformance.
public protocol PostgresDecodable {
  /// Reads one value. Throws `PostgresDecodingError` for NULL or a type it cannot come from.
  static func decode(_ cell: PostgresCell) throws -> Self
}

/// One field of a row while it is read: its bytes, valid during the call only, and its type.
public struct PostgresCell {
  /// The value in binary format; nil is NULL. Valid only while `decode` runs.
  public let bytes: UnsafeRawBufferPointer?
  /// `pg_type.oid` of the column.
  public let type: UInt32

  /// The bytes, when the column has one of these types. Throws `PostgresDecodingError` otherwise and for NULL.
  public func bytes(of types: PostgresType...) throws -> UnsafeRawBufferPointer {
    guard let bytes, types.contains(where: { $0.oid == type }) else {
      throw PostgresDecodingError(self, expecting: types.map { "\($0.oid)" }.joined(separator: ", "))
    }
    return bytes
  }
}

extension PostgresCell {
  /// A whole number from any of the three integer types, `oid`, or a `numeric` without fraction.
  func integer(expecting name: String) throws -> Int64 {
    guard let bytes else { throw PostgresDecodingError(self, expecting: name) }
    switch (type, bytes.count) {
    case (PostgresType.int8.oid, 8):
      return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
    case (PostgresType.int4.oid, 4):
      return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
    case (PostgresType.int2.oid, 2):
      return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
    case (PostgresType.oid.oid, 4):
      return Int64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
    case (PostgresType.numeric.oid, _):
      let text = try PostgresNumeric.text(of: self)
      guard let number = Int64(text) else { throw PostgresDecodingError(self, expecting: name) }
      return number
    default:
      throw PostgresDecodingError(self, expecting: name)
    }
  }

  func integer<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
    guard let number = Number(exactly: try integer(expecting: "\(Number.self)")) else {
      throw PostgresDecodingError(self, expecting: "\(Number.self), and the number is too large for it,")
    }
    return number
  }
}

extension Bool: PostgresDecodable {
  /// From `boolean`.
  public static func decode(_ cell: PostgresCell) throws -> Bool {
    try cell.bytes(of: .bool).first == 1
  }
}

extension Int: PostgresDecodable {
  /// From any integer type.
  public static func decode(_ cell: PostgresCell) throws -> Int { try cell.integer(Int.self) }
}

extension Int64: PostgresDecodable {
  /// From any integer type.
  public static func decode(_ cell: PostgresCell) throws -> Int64 { try cell.integer(Int64.self) }
}

extension Int32: PostgresDecodable {
  /// From any integer type, when the number fits.
  public static func decode(_ cell: PostgresCell) throws -> Int32 { try cell.integer(Int32.self) }
}

extension Int16: PostgresDecodable {
  /// From any integer type, when the number fits.
  public static func decode(_ cell: PostgresCell) throws -> Int16 { try cell.integer(Int16.self) }
}

extension Double: PostgresDecodable {
  /// From floating point, `numeric` or an integer type.
  public static func decode(_ cell: PostgresCell) throws -> Double {
    switch (cell.type, cell.bytes?.count) {
    case (PostgresType.float8.oid, 8):
      let bits = try cell.bytes(of: .float8).loadUnaligned(as: UInt64.self)
      return Double(bitPattern: UInt64(bigEndian: bits))
    case (PostgresType.float4.oid, 4):
      let bits = try cell.bytes(of: .float4).loadUnaligned(as: UInt32.self)
      return Double(Float(bitPattern: UInt32(bigEndian: bits)))
    case (PostgresType.numeric.oid, .some):
      guard let number = Double(try PostgresNumeric.text(of: cell)) else {
        throw PostgresDecodingError(cell, expecting: "Double")
      }
      return number
    default:
      return Double(try cell.integer(expecting: "Double"))
    }
  }
}

extension String: PostgresDecodable {
  /// From texts, JSON, enums and other types made of text, `uuid`, integers and `numeric`.
  public static func decode(_ cell: PostgresCell) throws -> String {
    guard let bytes = cell.bytes else { throw PostgresDecodingError(cell, expecting: "String") }
    switch cell.type {
    case PostgresType.text.oid, PostgresType.varchar.oid, PostgresType.name.oid, PostgresType.bpchar.oid,
      PostgresType.json.oid, 18, 705, 142:
      return String(decoding: bytes, as: UTF8.self)
    case PostgresType.jsonb.oid:
      return String(decoding: bytes.dropFirst(), as: UTF8.self)
    case PostgresType.uuid.oid:
      return try UUID.decode(cell).uuidString.lowercased()
    case PostgresType.numeric.oid:
      return try PostgresNumeric.text(of: cell)
    case PostgresType.int2.oid, PostgresType.int4.oid, PostgresType.int8.oid, PostgresType.oid.oid:
      return String(try cell.integer(expecting: "String"))
    case 16384...:
      // Types made by users: enums and citext travel as text; others must be cast in the statement.
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw PostgresDecodingError(cell, expecting: "String")
      }
      return text
    default:
      throw PostgresDecodingError(cell, expecting: "String")
    }
  }
}

extension UUID: PostgresDecodable {
  /// From `uuid`.
  public static func decode(_ cell: PostgresCell) throws -> UUID {
    let bytes = try cell.bytes(of: .uuid)
    guard bytes.count == 16 else { throw PostgresDecodingError(cell, expecting: "UUID") }
    return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
  }
}

extension Date: PostgresDecodable {
  /// From `timestamptz`, and from `timestamp` taken as UTC. Infinity is `.distantFuture` or `.distantPast`.
  public static func decode(_ cell: PostgresCell) throws -> Date {
    let bytes = try cell.bytes(of: .timestamptz, .timestamp)
    guard bytes.count == 8 else { throw PostgresDecodingError(cell, expecting: "Date") }
    return PostgresTime.date(microseconds: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
  }
}

extension Duration: PostgresDecodable {
  /// From `interval` without months; a day counts as 24 hours.
  public static func decode(_ cell: PostgresCell) throws -> Duration {
    var reader = try ByteReader(cell, expecting: "Duration")
    let microseconds = try reader.integer(Int64.self)
    let days = try reader.integer(Int32.self)
    guard try reader.integer(Int32.self) == 0 else {
      throw PostgresDecodingError(cell, expecting: "Duration, which has no months,")
    }
    return .microseconds(microseconds) + .seconds(Int64(days) * 86_400)
  }
}

extension Data: PostgresDecodable {
  /// From `bytea`.
  public static func decode(_ cell: PostgresCell) throws -> Data { Data(try cell.bytes(of: .bytea)) }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  /// NULL is nil.
  public static func decode(_ cell: PostgresCell) throws -> Wrapped? {
    cell.bytes == nil ? nil : try Wrapped.decode(cell)
  }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
  /// From the raw value; one that has no case throws.
  public static func decode(_ cell: PostgresCell) throws -> Self {
    let raw = try RawValue.decode(cell)
    guard let value = Self(rawValue: raw) else {
      throw PostgresDecodingError(cell, expecting: "\(Self.self), which has no case for '\(raw)',")
    }
    return value
  }
}
