import Glibc

/// Strings as C wants them: an array of pointers that ends with a null pointer, valid during a call.
enum CStrings {
  typealias Pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  static func with<Result>(_ strings: [String], _ body: (Pointers) throws -> Result) rethrows -> Result {
    let pointers = Pointers.allocate(capacity: strings.count + 1)
    for (place, string) in strings.enumerated() { (pointers + place).initialize(to: strdup(string)) }
    (pointers + strings.count).initialize(to: nil)
    defer {
      for place in strings.indices { free(pointers[place]) }
      pointers.deallocate()
    }
    return try body(pointers)
  }

  /// Parameters as libpq takes them: names and values apart.
  static func with<Result>(
    _ parameters: [String: String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
  ) rethrows -> Result {
    let pairs = Array(parameters)
    return try with(pairs.map(\.key)) { keywords in
      try with(pairs.map(\.value)) { values in
        try body(constant(keywords), constant(values))
      }
    }
  }

  /// The same pointers for functions that promise not to write through them.
  private static func constant(_ pointers: Pointers) -> UnsafePointer<UnsafePointer<CChar>?> {
    UnsafeRawPointer(pointers).assumingMemoryBound(to: UnsafePointer<CChar>?.self)
  }
}
