/// Which part of a list is wanted.
public struct PageRequest: Sendable {
  /// How many items at most, 1 to 200.
  public var limit: Int
  /// Where the page begins, as the page before said; nil for the first.
  public var cursor: String?

  /// A page of at most `limit` items (brought into 1 to 200) from `cursor` on.
  public init(limit: Int = 50, cursor: String? = nil) {
    self.limit = min(200, max(1, limit))
    self.cursor = cursor
  }
}

/// A part of a list.
public struct Page<Item: Sendable>: Sendable {
  /// The items, in the list's order.
  public var items: [Item]
  /// Where the next page begins; nil on the last.
  public var nextCursor: String?

  /// The page of the first `limit` of `items`, which hold one item more than wanted where there is a next
  /// page.
  init(_ items: [Item], limit: Int, cursor: (Item) -> String) {
    self.items = Array(items.prefix(limit))
    nextCursor = items.count > limit ? self.items.last.map(cursor) : nil
  }
}
