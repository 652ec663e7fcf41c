import Synchronization

/// Rows by their keys. A transaction that is undone costs what it changed, whatever the table's size.
public final class MemoryTable<Key: Hashable & Sendable, Row: Sendable>: Sendable, MemoryParticipant {
  private struct Entry {
    var row: Row
    /// Its place: rows are listed in the order in which they came.
    var number: Int
  }

  private struct State {
    var rows: [Key: Entry] = [:]
    /// What the transaction that is under way has changed: as it was before.
    var before: [Key: Entry?] = [:]
    var number = 0
  }

  private let state = Mutex(State())

  /// An empty table. Transactions of one database only may change it.
  public init() {}

  /// The row of a key as the transaction sees it.
  public func get(_ key: Key, in transaction: MemoryTransaction) -> Row? {
    state.withLock { $0.rows[key]?.row }
  }

  /// How many rows there are, as the transaction sees it.
  public func count(in transaction: MemoryTransaction) -> Int { state.withLock { $0.rows.count } }

  /// All rows, in the order in which they came, as the transaction sees them.
  public func all(in transaction: MemoryTransaction) -> [(key: Key, row: Row)] {
    all(in: transaction) { _ in true }
  }

  /// Those rows for which it holds, in the order in which they came, as the transaction sees them.
  public func all(
    in transaction: MemoryTransaction, where holds: (Row) throws -> Bool
  ) rethrows -> [(key: Key, row: Row)] {
    try state.withLock { state in
      var found: [(number: Int, key: Key, row: Row)] = []
      for (key, entry) in state.rows where try holds(entry.row) { found.append((entry.number, key, entry.row)) }
      // Rows are large: what is sorted are their places.
      let order = found.indices.sorted { found[$0].number < found[$1].number }
      return order.map { (found[$0].key, found[$0].row) }
    }
  }

  /// Puts a row in the place of the one that the key has; nil removes that.
  public func set(_ key: Key, _ row: Row?, in transaction: MemoryTransaction) {
    change(key, in: transaction) { $0 = row }
  }

  /// Changes the row of a key, if there is one. Returns what the body returns; nil without a row.
  @discardableResult
  public func update<Result>(
    _ key: Key, in transaction: MemoryTransaction, _ body: (inout Row) throws -> Result
  ) rethrows -> Result? {
    try change(key, in: transaction) { row in
      guard var changed = row else { return nil }
      let result = try body(&changed)
      row = changed
      return result
    }
  }

  /// The row of a key as it was committed last, without waiting for the transaction that is under way.
  public func committed(_ key: Key) -> Row? {
    state.withLock { state in
      if let before = state.before[key] { return before?.row }
      return state.rows[key]?.row
    }
  }

  private func change<Result>(
    _ key: Key, in transaction: MemoryTransaction, _ body: (inout Row?) throws -> Result
  ) rethrows -> Result {
    let (isFirst, result) = try state.withLock { state in
      let entry = state.rows[key]
      var row = entry?.row
      let result = try body(&row)
      let isFirst = state.before.isEmpty
      if state.before[key] == nil { state.before[key] = .some(entry) }
      if let row {
        if entry == nil { state.number += 1 }
        state.rows[key] = Entry(row: row, number: entry?.number ?? state.number)
      } else {
        state.rows[key] = nil
      }
      return (isFirst, result)
    }
    if isFirst { transaction.join(self) }
    return result
  }

  func keepChanges() {
    state.withLock { $0.before = [:] }
  }

  func undoChanges() {
    state.withLock { state in
      for (key, entry) in state.before { state.rows[key] = entry }
      state.before = [:]
    }
  }
}
