extension Host {
  /// The IPv4 networks that the machine reaches through an interface of its own: those of its network cards, of its
  /// containers, and of bridges that nobody knows any more.
  ///
  /// Read from the kernel (`/proc/net/route`), so it needs no program such as `ip`.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public func linkedNetworks() async throws -> [AddressRange] {
    LinkedNetworks.networks(in: String(decoding: try await read(LinkedNetworks.table) ?? [], as: UTF8.self))
  }
}

enum LinkedNetworks {
  static let table = "/proc/net/route"

  /// Reads the kernel's table: fields between tabs, `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, of which
  /// the addresses are numbers in the machine's byte order (net/ipv4/fib_trie.c). What goes by a gateway is elsewhere.
  static func networks(in table: String) -> [AddressRange] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count > 7, fields[2].allSatisfy({ $0 == "0" }),
        let address = UInt32(fields[1], radix: 16), let mask = UInt32(fields[7], radix: 16), mask != 0
      else { return nil }
      let bytes = (0..<4).map { String(address >> UInt32(8 * $0) & 0xFF) }
      return AddressRange("\(bytes.joined(separator: "."))/\(mask.nonzeroBitCount)")
    }
  }
}
