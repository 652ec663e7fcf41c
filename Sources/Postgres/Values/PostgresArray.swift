import FoundationEssentials

/// A value whose arrays can be bound and read as one-dimensional PostgreSQL arrays.
public protocol PostgresArrayElement: PostgresEncodable, PostgresDecodable {
  /// The type of an array of this element.
  static var postgresArrayType: PostgresType { get }
  /// An array in binary format.
  static func postgresBytes(of elements: [Self]) -> [UInt8]?
  /// Reads an array.
  static func array(from cell: PostgresCell) throws -> [Self]
}

extension PostgresArrayElement {
  /// The array type of the element's type.
  public static var postgresArrayType: PostgresType {
    PostgresType(oid: postgresType.arrayOID, arrayOID: 0)
  }

  /// `array_recv` of the server: dimensions, has-nulls flag, element type, length, lower bound, then each
  /// element with its length, where -1 is NULL.
  public static func postgresBytes(of elements: [Self]) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20 + elements.count * 20)
    let encoded = elements.map { $0.postgresBytes }
    bytes += Int32(elements.isEmpty ? 0 : 1).bigEndianBytes
    bytes += Int32(encoded.contains { $0 == nil } ? 1 : 0).bigEndianBytes
    bytes += postgresType.oid.bigEndianBytes
    guard !elements.isEmpty else { return bytes }
    bytes += Int32(elements.count).bigEndianBytes
    bytes += Int32(1).bigEndianBytes
    for element in encoded {
      bytes += Int32(element?.count ?? -1).bigEndianBytes
      if let element { bytes += element }
    }
    return bytes
  }

  /// The opposite of `postgresBytes(of:)`; arrays of more than one dimension are refused.
  public static func array(from cell: PostgresCell) throws -> [Self] {
    var reader = try ByteReader(cell, expecting: "array")
    let dimensions = try reader.integer(Int32.self)
    _ = try reader.integer(Int32.self)
    let element = try reader.integer(UInt32.self)
    guard dimensions > 0 else { return [] }
    guard dimensions == 1 else { throw PostgresDecodingError(cell, expecting: "an array of one dimension") }
    let count = try reader.integer(Int32.self)
    _ = try reader.integer(Int32.self)
    var elements: [Self] = []
    elements.reserveCapacity(Int(count))
    for _ in 0..<count {
      let length = try reader.integer(Int32.self)
      let bytes = length < 0 ? nil : try reader.bytes(Int(length))
      elements.append(try Self.decode(PostgresCell(bytes: bytes, type: element)))
    }
    return elements
  }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
  /// The array type of the element; `bytea` for bytes.
  public static var postgresType: PostgresType { Element.postgresArrayType }
  /// One value that holds all elements.
  public var postgresBytes: [UInt8]? { Element.postgresBytes(of: self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
  /// Reads an array of one dimension, or `bytea` into bytes.
  public static func decode(_ cell: PostgresCell) throws -> [Element] {
    try Element.array(from: cell)
  }
}

extension Bool: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Int16: PostgresArrayElement {}
extension Int32: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}
extension Double: PostgresArrayElement {}
extension String: PostgresArrayElement {}
extension UUID: PostgresArrayElement {}
extension Date: PostgresArrayElement {}
extension Data: PostgresArrayElement {}
extension Duration: PostgresArrayElement {}
extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {}

extension UInt8: PostgresArrayElement {
  /// Not used for single bytes: PostgreSQL has no type of one byte. A byte alone is a `smallint`.
  public static var postgresType: PostgresType { .int2 }
  /// As `smallint`.
  public var postgresBytes: [UInt8]? { Int16(self).bigEndianBytes }
  /// From `smallint`.
  public static func decode(_ cell: PostgresCell) throws -> UInt8 {
    guard let byte = UInt8(exactly: try Int.decode(cell)) else {
      throw PostgresDecodingError(cell, expecting: "a number from 0 to 255")
    }
    return byte
  }
  /// An array of bytes is `bytea`.
  public static var postgresArrayType: PostgresType { .bytea }
  /// The bytes themselves.
  public static func postgresBytes(of elements: [UInt8]) -> [UInt8]? { elements }
  /// The bytes themselves.
  public static func array(from cell: PostgresCell) throws -> [UInt8] {
    [UInt8](try cell.bytes(of: .bytea))
  }
}
