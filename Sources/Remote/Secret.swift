/// A text that must not appear in a log, an error or a page: a password, a key, a token.
///
/// It leaves only by `reveal()`. Printing, interpolating, dumping and mirroring it give `[redacted]`, and it does
/// not conform to `Codable`, so that a type that holds one cannot be encoded without somebody deciding how.
public struct Secret: Sendable {
  /// What stands in the place of every secret that is printed.
  public static let redacted = "[redacted]"

  private let value: String

  /// Wraps `value`.
  public init(_ value: String) {
    self.value = value
  }

  /// The text itself. Call it only where the text goes over the wire or into a file that is meant to hold it.
  public func reveal() -> String {
    value
  }
}

extension Secret: Hashable {
  /// Compares every byte whatever the difference, so that the time taken tells nothing but the length.
  public static func == (left: Secret, right: Secret) -> Bool {
    let a = Array(left.value.utf8)
    let b = Array(right.value.utf8)
    var difference = a.count ^ b.count
    for index in 0..<min(a.count, b.count) {
      difference |= Int(a[index] ^ b[index])
    }
    return difference == 0
  }

  /// Hashes the bytes, the same that `==` compares (two spellings of one Unicode character are two secrets).
  public func hash(into hasher: inout Hasher) {
    for byte in value.utf8 {
      hasher.combine(byte)
    }
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// `[redacted]`.
  public var description: String { Self.redacted }
  /// `[redacted]`.
  public var debugDescription: String { Self.redacted }
  /// A mirror without children, so that `dump` and debuggers show nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
