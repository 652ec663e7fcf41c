import Foundation

/// A range of IP addresses, such as `10.0.0.0/8`, `127.0.0.1` or `fd00::/8`.
public struct AddressRange: Sendable, Equatable {
  private let bytes: [UInt8]
  private let bits: Int

  /// The range that `text` names; nil where it names none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let bytes = Self.bytes(of: String(first)) else { return nil }
    let width = bytes.count * 8
    let bits = parts.count == 1 ? width : Int(parts[1]) ?? -1
    guard (0...width).contains(bits) else { return nil }
    self.bytes = bytes
    self.bits = bits
  }

  /// Whether the address `text` lies in the range.
  public func contains(_ text: String) -> Bool {
    guard let other = Self.bytes(of: text), other.count == bytes.count else { return false }
    return contains(other)
  }

  private func contains(_ other: [UInt8]) -> Bool {
    zip(bytes, other).enumerated().allSatisfy { index, pair in
      let covered = min(max(bits - index * 8, 0), 8)
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> covered)
      return pair.0 & mask == pair.1 & mask
    }
  }

  /// Whether some address lies in both ranges.
  public func overlaps(_ other: AddressRange) -> Bool {
    guard bytes.count == other.bytes.count else { return false }
    let narrow = bits > other.bits ? self : other
    return (bits > other.bits ? other : self).contains(narrow.bytes)
  }

  /// The parts of an IPv4 range that have `bits` fixed bits each, by their numbers; none where the range is as small
  /// itself, or is one of IPv6.
  public func parts(of bits: Int) -> some RandomAccessCollection<AddressRange> {
    let isWhole = bytes.count == 4 && (self.bits...32).contains(bits)
    let start =
      bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & ~(UInt32.max >> UInt32(self.bits))
    return (0..<(isWhole ? 1 << (bits - self.bits) : 0)).lazy.map { number in
      let first = start + UInt32(number) << UInt32(32 - bits)
      return AddressRange(
        bytes: (0..<4).map { UInt8(truncatingIfNeeded: first >> UInt32(24 - 8 * $0)) }, bits: bits)
    }
  }

  /// The bytes of an address; an IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
  private static func bytes(of text: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    let bytes = withUnsafeBytes(of: six) { Array($0) }
    return bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) ? Array(bytes[12...]) : bytes
  }
}

extension AddressRange: CustomStringConvertible {
  /// As it is written: "10.0.0.0/8".
  public var description: String {
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(family, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/\(bits)"
  }
}

extension AddressRange {
  /// Whether the address `text` is one of the public Internet.
  ///
  /// What is not stands in IANA's registries of special-purpose addresses (RFC 6890 and its successors). Of IPv6 only
  /// `2000::/3` is given out at all; parts of it lead to IPv4 addresses in disguise (6to4, Teredo).
  public static func isPublic(_ text: String) -> Bool {
    let isIPv6 = everyIPv6.contains(text)
    guard isIPv6 ? givenOutIPv6.contains(text) : everyIPv4.contains(text) else { return false }
    return !special.contains { $0.contains(text) }
  }

  /// Whether the address `text` leads to the machine itself, to neighbours on its wire only, or to nobody in
  /// particular.
  public static func isLocalOnly(_ text: String) -> Bool { localOnly.contains { $0.contains(text) } }

  private static func ranges(_ texts: String...) -> [AddressRange] { texts.compactMap { AddressRange($0) } }

  private static let everyIPv4 = AddressRange(bytes: [0, 0, 0, 0], bits: 0)
  private static let everyIPv6 = AddressRange(bytes: Array(repeating: 0, count: 16), bits: 0)
  private static let givenOutIPv6 = AddressRange(bytes: [0x20] + Array(repeating: 0, count: 15), bits: 3)

  private init(bytes: [UInt8], bits: Int) {
    self.bytes = bytes
    self.bits = bits
  }

  private static let special = ranges(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

  private static let localOnly = ranges(
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255", "::/128", "::1/128",
    "fe80::/10",
    "ff00::/8")
}
