/// Reads numbers and parts of a field one after another; an end too early is an error, never a read beyond it.
struct ByteReader {
  private let cell: PostgresCell
  private let expected: String
  private var rest: Slice<UnsafeRawBufferPointer>

  init(_ cell: PostgresCell, expecting expected: String) throws {
    guard let bytes = cell.bytes else { throw PostgresDecodingError(cell, expecting: expected) }
    self.cell = cell
    self.expected = expected
    rest = bytes[...]
  }

  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) throws -> Number {
    Number(bigEndian: try bytes(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }

  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, rest.count >= count else { throw PostgresDecodingError(cell, expecting: expected) }
    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    rest = rest.dropFirst(count)
    return part
  }
}
