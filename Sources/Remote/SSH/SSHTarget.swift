/// Where an SSH server listens and as whom one signs in. Its parts come from closed alphabets, so that none can be
/// an option of `ssh` or syntax of its configuration.
public struct SSHTarget: Sendable, Hashable {
  /// A host name, an IPv4 address or an IPv6 address without brackets.
  public let address: String
  /// The TCP port.
  public let port: Int
  /// The user on the host.
  public let user: String
  /// The IP address that connections are made to; nil where the address is looked up anew by each.
  public private(set) var route: String?

  /// What programs are told to connect to.
  var destination: String { route ?? address }

  /// The same target, reached at the IP address `route` and at no other, whatever its address leads to by then.
  ///
  /// - Throws: `SSHError.invalidTarget` if `route` has other characters than an IP address may.
  public func reached(at route: String) throws(SSHError) -> SSHTarget {
    guard Self.isAddress(route) else { throw .invalidTarget(part: "address", value: route) }
    var target = self
    target.route = route
    return target
  }

  /// A target of these parts.
  ///
  /// - Throws: `SSHError.invalidTarget` that names the part.
  public init(address: String, port: Int = 22, user: String = "root") throws(SSHError) {
    guard Self.isAddress(address) else { throw .invalidTarget(part: "address", value: address) }
    guard (1...65535).contains(port) else { throw .invalidTarget(part: "port", value: String(port)) }
    guard Self.isUser(user) else { throw .invalidTarget(part: "user", value: user) }
    self.address = address
    self.port = port
    self.user = user
  }

  /// What messages call the host: its address, and its port unless it is 22.
  public var name: String {
    if port == 22 { return address }
    return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }

  private static func isAddress(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    if text.contains(":") {
      return text.utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }
    // Labels of RFC 1123; `_` is not allowed there, but is met in private zones.
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }
  }

  private static func isUser(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
    guard isAlphanumeric(first) || first == UInt8(ascii: "_") else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    "0123456789abcdefABCDEF".utf8.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}

extension SSHTarget: CustomStringConvertible {
  /// "root@web1.example.com:2222".
  public var description: String { "\(user)@\(name)" }
}
