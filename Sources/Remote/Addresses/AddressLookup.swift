import Foundation

/// Finds the IP addresses behind names.
public enum AddressLookup {
  /// The IP addresses to which `name` leads now, as numbers, the best first. A number leads to itself, also in the
  /// older ways to write one, such as `127.1`.
  ///
  /// - Returns: none where the name has no address, or nobody who knows it answers.
  public static func addresses(of name: String) async -> [String] {
    await withCheckedContinuation { continuation in
      // The system's resolver may take seconds, and blocks its thread meanwhile.
      Thread.detachNewThread { continuation.resume(returning: lookUp(name)) }
    }
  }

  /// The IP addresses of this machine itself.
  public static func ofThisMachine() -> Set<String> {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var found: Set<String> = []
    var next = first
    while let entry = next {
      if let address = entry.pointee.ifa_addr, let length = length(of: address.pointee.sa_family),
        let text = text(of: address, length)
      {
        found.insert(text)
      }
      next = entry.pointee.ifa_next
    }
    return found
  }

  private static func lookUp(_ name: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    var found: [String] = []
    var next = first
    while let entry = next {
      if let address = entry.pointee.ai_addr, let text = text(of: address, entry.pointee.ai_addrlen),
        !found.contains(text)
      {
        found.append(text)
      }
      next = entry.pointee.ai_next
    }
    return found
  }

  private static func length(of family: sa_family_t) -> socklen_t? {
    switch Int32(family) {
    case AF_INET: socklen_t(MemoryLayout<sockaddr_in>.size)
    case AF_INET6: socklen_t(MemoryLayout<sockaddr_in6>.size)
    default: nil
    }
  }

  /// The address as a number, without the name of an interface behind it.
  private static func text(of address: UnsafeMutablePointer<sockaddr>, _ length: socklen_t) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(String(decoding: bytes, as: UTF8.self).prefix { $0 != "%" })
  }
}
