/// A TCP socket on a machine that waits for connections.
public struct ListeningSocket: Sendable, Hashable {
  /// The address it listens at: "127.0.0.1", "0.0.0.0", "::1", "::". An IPv4 address inside IPv6 is written as
  /// "::ffff:127.0.0.1".
  public var address: String
  /// Its port.
  public var port: Int

  /// A socket of this address and port.
  public init(address: String, port: Int) {
    self.address = address
    self.port = port
  }
}

extension Host {
  /// The TCP ports on which something listens, at any address, IPv4 and IPv6, in the machine's own network.
  ///
  /// Read from the kernel (`/proc/net/tcp`), so it needs no program such as `ss`, and sees the sockets of all
  /// users. A container's published port is among them while Docker's userland proxy is on, as it is by default.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public func listeningPorts() async throws -> Set<Int> {
    Set(try await listeningSockets().map(\.port))
  }

  /// The TCP sockets that wait for connections. See `listeningPorts()`.
  public func listeningSockets() async throws -> Set<ListeningSocket> {
    let table = try await text(of: ListeningSocket.command, deadline: .seconds(20))
    return ListeningSocket.listeners(in: table)
  }
}

extension ListeningSocket {
  /// IPv6 may be off, and then its table is not there.
  static let command = Command(
    "sh", "-c", "cat /proc/net/tcp; if [ -e /proc/net/tcp6 ]; then cat /proc/net/tcp6; fi")

  /// Reads the kernel's tables: lines such as `0: 0100007F:1F90 00000000:0000 0A …`, where 0A is the state
  /// LISTEN (include/net/tcp_states.h) and the address is made of 32-bit words in the machine's byte order,
  /// which is little-endian on all machines that Odeum runs on.
  static func listeners(in table: String) -> Set<ListeningSocket> {
    var sockets: Set<ListeningSocket> = []
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 3, fields[3] == "0A" else { continue }
      let local = fields[1].split(separator: ":")
      guard local.count == 2, let port = Int(local[1], radix: 16), let address = address(local[0]) else {
        continue
      }
      sockets.insert(ListeningSocket(address: address, port: port))
    }
    return sockets
  }

  private static func address(_ hex: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = hex
    while !rest.isEmpty {
      guard rest.count >= 8, let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      rest = rest.dropFirst(8)
    }
    switch bytes.count {
    case 4: return dotted(bytes[...])
    case 16: return colons(bytes)
    default: return nil
    }
  }

  private static func dotted(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map(String.init).joined(separator: ".")
  }

  /// The canonical text of an IPv6 address (RFC 5952): the longest run of zeros is left out.
  private static func colons(_ bytes: [UInt8]) -> String {
    if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
      return "::ffff:" + dotted(bytes[12...])
    }
    let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
    var longest = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(longest.count, 1) { longest = start..<end }
      start = end + 1
    }
    func text(_ groups: ArraySlice<UInt16>) -> String {
      groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !longest.isEmpty else { return text(groups[...]) }
    return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
  }
}
