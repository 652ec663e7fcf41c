import NIOCore

/// A range of IP addresses, such as `10.0.0.0/8`, `127.0.0.1` or `fd00::/8`.
public struct AddressRange: Sendable, Equatable {
  private let bytes: [UInt8]
  private let bits: Int

  /// The range that `text` names; nil where it names none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
    let width = bytes.count * 8
    let bits = parts.count == 1 ? width : Int(parts[1]) ?? -1
    guard (0...width).contains(bits) else { return nil }
    self.bytes = bytes
    self.bits = bits
  }

  /// Whether the address `text` lies in the range.
  public func contains(_ text: String) -> Bool {
    guard let other = Self.bytes(of: text), other.count == bytes.count else { return false }
    return zip(bytes, other).enumerated().allSatisfy { index, pair in
      let covered = min(max(bits - index * 8, 0), 8)
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> covered)
      return pair.0 & mask == pair.1 & mask
    }
  }

  /// The bytes of an address; an IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
  private static func bytes(of text: String) -> [UInt8]? {
    guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
    switch address {
    case .v4(let address): return withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address):
      let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      return bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) ? Array(bytes[12...]) : bytes
    case .unixDomainSocket: return nil
    }
  }
}
