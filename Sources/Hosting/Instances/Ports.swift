/// The ten ports that an instance has on its server: a block that begins at a multiple of ten.
public struct PortBlock: Sendable, Hashable {
  /// Where blocks begin: 10000 to 19990.
  public static let bases = stride(from: 10_000, through: 19_990, by: 10)

  /// The first port.
  public var base: Int

  /// The block that begins at `base`.
  public init(base: Int) {
    self.base = base
  }

  /// Odoo's HTTP port.
  public var web: Int { base }
  /// Longpolling or websocket.
  public var longpolling: Int { base + 1 }
  /// The mail catcher.
  public var mail: Int { base + 2 }
  /// PostgreSQL.
  public var database: Int { base + 3 }
  /// The IDE.
  public var ide: Int { base + 4 }

  /// The ports of the block that something of ours may use.
  var used: [Int] { [web, longpolling, mail, database, ide] }

  /// The block for a new instance.
  ///
  /// - Parameters:
  ///   - wish: the first port asked for, if any.
  ///   - taken: the first ports of the blocks that other instances of the server have.
  ///   - listening: the TCP ports on which something listens on the server.
  ///   - scattered: whether it is any free block instead of the first one, which tells how many others there are.
  /// - Returns: the block, and a remark for each free block that was skipped because of a foreign listener.
  /// - Throws: `HostingError`: `invalid` where the wish is no first port; `conflict` where it is taken or
  ///   nothing is left.
  static func choose(
    wish: Int?, taken: Set<Int>, listening: Set<Int>, server: String, scattered: Bool = false
  ) throws -> (block: PortBlock, notes: [String]) {
    if let wish {
      guard bases.contains(wish) else {
        throw HostingError.invalid([
          .init(
            "basePort", "A block of ports begins at a multiple of ten from 10000 to 19990; \(wish) is none.")
        ])
      }
      let block = PortBlock(base: wish)
      // One text for both: that a port belongs to an instance would tell of those that do not exist for him.
      if let used = taken.contains(wish) ? wish : block.used.first(where: listening.contains) {
        throw refused(wish, "cannot be used: port \(used) of \(server) is taken")
      }
      return (block, [])
    }
    var notes: [String] = []
    for base in scattered ? bases.shuffled() : Array(bases) where !taken.contains(base) {
      let block = PortBlock(base: base)
      guard let foreign = block.used.first(where: listening.contains) else { return (block, notes) }
      notes.append(
        "Ports \(base)–\(base + 9) of \(server) were skipped: another program listens on port \(foreign).")
    }
    throw HostingError(
      .conflict, "Every block of ports from 10000 to 19999 on \(server) is taken.",
      suggestion: "Remove instances that nobody needs, or create this one on another server.",
      fields: [.init("server", "\(server) has no free block of ports.")])
  }

  private static func refused(_ wish: Int, _ why: String) -> HostingError {
    HostingError(
      .conflict, "Ports \(wish)–\(wish + 9) \(why).",
      suggestion: "Ask for another block, or leave the port out and a free one is chosen.",
      fields: [.init("basePort", "Ports \(wish)–\(wish + 9) \(why).")])
  }
}
