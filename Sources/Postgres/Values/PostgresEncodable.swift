import FoundationEssentials

/// A Swift value that can be bound as a parameter, in PostgreSQL's binary format.
///
/// `RawRepresentable` types, such as enums of strings, only have to state the conformance.
public protocol PostgresEncodable: Sendable {
  /// The type that the server is told.
  static var postgresType: PostgresType { get }
  /// The value in binary format (`<type>_recv` of the server reads it); nil is NULL.
  var postgresBytes: [UInt8]? { get }
}

/// A value bound to a statement: its type and its bytes.
public struct PostgresValue: Sendable {
  let oid: UInt32
  let bytes: [UInt8]?

  init(oid: UInt32, bytes: [UInt8]?) {
    self.oid = oid
    self.bytes = bytes
  }

  init(type: PostgresType, bytes: [UInt8]?) {
    self.init(oid: type.oid, bytes: bytes)
  }

  init<Value: PostgresEncodable>(_ value: Value) {
    self.init(type: Value.postgresType, bytes: value.postgresBytes)
  }

  /// A value as `jsonb`: version 1, then the text.
  init(json value: some Encodable) throws {
    self.init(type: .jsonb, bytes: try [1] + PostgresJSON.encode(value))
  }
}

extension FixedWidthInteger {
  /// In network byte order, as all numbers on PostgreSQL's wire.
  var bigEndianBytes: [UInt8] {
    withUnsafeBytes(of: bigEndian) { [UInt8]($0) }
  }
}

extension Bool: PostgresEncodable {
  /// `boolean`
  public static var postgresType: PostgresType { .bool }
  /// One byte, 0 or 1.
  public var postgresBytes: [UInt8]? { [self ? 1 : 0] }
}

extension Int: PostgresEncodable {
  /// `bigint`
  public static var postgresType: PostgresType { .int8 }
  /// Eight bytes.
  public var postgresBytes: [UInt8]? { Int64(self).bigEndianBytes }
}

extension Int64: PostgresEncodable {
  /// `bigint`
  public static var postgresType: PostgresType { .int8 }
  /// Eight bytes.
  public var postgresBytes: [UInt8]? { bigEndianBytes }
}

extension Int32: PostgresEncodable {
  /// `integer`
  public static var postgresType: PostgresType { .int4 }
  /// Four bytes.
  public var postgresBytes: [UInt8]? { bigEndianBytes }
}

extension Int16: PostgresEncodable {
  /// `smallint`
  public static var postgresType: PostgresType { .int2 }
  /// Two bytes.
  public var postgresBytes: [UInt8]? { bigEndianBytes }
}

extension Double: PostgresEncodable {
  /// `double precision`
  public static var postgresType: PostgresType { .float8 }
  /// IEEE 754, eight bytes.
  public var postgresBytes: [UInt8]? { bitPattern.bigEndianBytes }
}

extension String: PostgresEncodable {
  /// `text`; other types need a cast in the statement, such as `\(address)::inet`.
  public static var postgresType: PostgresType { .text }
  /// UTF-8.
  public var postgresBytes: [UInt8]? { Array(utf8) }
}

extension UUID: PostgresEncodable {
  /// `uuid`
  public static var postgresType: PostgresType { .uuid }
  /// Sixteen bytes.
  public var postgresBytes: [UInt8]? { withUnsafeBytes(of: uuid) { [UInt8]($0) } }
}

extension Date: PostgresEncodable {
  /// `timestamptz`
  public static var postgresType: PostgresType { .timestamptz }
  /// Microseconds since 2000-01-01 UTC.
  public var postgresBytes: [UInt8]? { PostgresTime.microseconds(of: self).bigEndianBytes }
}

extension Duration: PostgresEncodable {
  /// `interval`
  public static var postgresType: PostgresType { .interval }
  /// Microseconds, no days, no months.
  public var postgresBytes: [UInt8]? {
    let (seconds, attoseconds) = components
    return (seconds * 1_000_000 + attoseconds / 1_000_000_000_000).bigEndianBytes
      + [UInt8](repeating: 0, count: 8)
  }
}

extension Data: PostgresEncodable {
  /// `bytea`
  public static var postgresType: PostgresType { .bytea }
  /// The bytes themselves.
  public var postgresBytes: [UInt8]? { [UInt8](self) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  /// The type of the value that may be missing.
  public static var postgresType: PostgresType { Wrapped.postgresType }
  /// NULL for nil.
  public var postgresBytes: [UInt8]? {
    // A key path in generic code would be made anew at each call, which took a fifth of the time of a short query.
    flatMap { $0.postgresBytes }
  }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
  /// The type of the raw value.
  public static var postgresType: PostgresType { RawValue.postgresType }
  /// The raw value's bytes.
  public var postgresBytes: [UInt8]? { rawValue.postgresBytes }
}
