/// The values of a statement laid out as libpq takes them: pointers, lengths and formats.
struct Parameters {
  private let values: [PostgresValue]

  init(_ values: [PostgresValue]) {
    self.values = values
  }

  typealias Body<Result> = (
    _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
    _ formats: UnsafePointer<Int32>?, _ count: Int32
  ) -> Result

  /// All bytes stand in one buffer; a pointer is null for NULL only. Format 1 is binary.
  func withPointers<Result>(_ body: Body<Result>) -> Result {
    guard !values.isEmpty else { return body(nil, nil, nil, 0) }
    // One byte more, so that even an empty value has an address.
    let size = values.reduce(1) { $0 + ($1.bytes?.count ?? 0) }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
      var pointers: [UnsafePointer<CChar>?] = []
      var lengths: [Int32] = []
      pointers.reserveCapacity(values.count)
      lengths.reserveCapacity(values.count)
      var end = 0
      for value in values {
        guard let bytes = value.bytes else {
          pointers.append(nil)
          lengths.append(0)
          continue
        }
        let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[end...])
        part.copyBytes(from: bytes)
        pointers.append(buffer.baseAddress.map { UnsafePointer($0 + end) })
        lengths.append(Int32(bytes.count))
        end += bytes.count
      }
      return body(pointers, lengths, [Int32](repeating: 1, count: values.count), Int32(values.count))
    }
  }
}
