/// The path of an Engine API endpoint. What is interpolated into it is percent-encoded, so that it stays one
/// segment whatever it holds.
struct EnginePath: Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
  let description: String

  init(stringLiteral value: String) {
    description = value
  }

  init(stringInterpolation: StringInterpolation) {
    description = stringInterpolation.path
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var path = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      path.reserveCapacity(literalCapacity + 64 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) {
      path += literal
    }

    mutating func appendInterpolation(_ segment: String) {
      path += PercentEncoding.encode(segment)
    }
  }
}

enum PercentEncoding {
  /// `text` with every byte encoded that is not unreserved (RFC 3986, 2.3).
  static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return encoded
  }
}
