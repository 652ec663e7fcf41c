import Synchronization

/// Rows by their keys. A transaction that is undone costs what it changed, whatever the table's size.
public final class MemoryTable<Key: Hashable & Sendable, Row: Sendable>: Sendable, MemoryParticipant {
  private struct Entry {
    var key: Key
    var row: Row
  }

  private struct State {
    /// The rows in the order in which they came; nil where one has gone.
    var entries: [Entry?] = []
    var places: [Key: Int] = [:]
    /// What the transaction that is under way has changed: as it was before, and where.
    var before: [Key: (place: Int, row: Row)?] = [:]

    func row(_ key: Key) -> Row? { places[key].flatMap { entries[$0]?.row } }

    mutating func put(_ row: Row?, _ key: Key) {
      let place = places[key]
      if let row, let place {
        entries[place]?.row = row
      } else if let row {
        places[key] = entries.count
        entries.append(Entry(key: key, row: row))
      } else if let place {
        places[key] = nil
        entries[place] = nil
      }
    }

    /// Takes out the places of rows that have gone, when they are many.
    mutating func close() {
      guard entries.count > 2 * places.count + 16 else { return }
      entries.removeAll { $0 == nil }
      for (place, entry) in entries.enumerated() {
        if let entry { places[entry.key] = place }
      }
    }
  }

  private let state = Mutex(State())

  /// An empty table. Transactions of one database only may change it.
  public init() {}

  /// The row of a key as the transaction sees it.
  public func get(_ key: Key, in transaction: MemoryTransaction) -> Row? {
    state.withLock { $0.row(key) }
  }

  /// How many rows there are, as the transaction sees it.
  public func count(in transaction: MemoryTransaction) -> Int { state.withLock { $0.places.count } }

  /// All rows, in the order in which they came, as the transaction sees them.
  public func all(in transaction: MemoryTransaction) -> [(key: Key, row: Row)] {
    all(in: transaction) { _ in true }
  }

  /// Those rows for which it holds, in the order in which they came, as the transaction sees them.
  public func all(
    in transaction: MemoryTransaction, where holds: (Row) throws -> Bool
  ) rethrows -> [(key: Key, row: Row)] {
    try state.withLock { state in
      var found: [(key: Key, row: Row)] = []
      for case let entry? in state.entries where try holds(entry.row) { found.append((entry.key, entry.row)) }
      return found
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
      return state.row(key)
    }
  }

  private func change<Result>(
    _ key: Key, in transaction: MemoryTransaction, _ body: (inout Row?) throws -> Result
  ) rethrows -> Result {
    let (isFirst, result) = try state.withLock { state in
      let place = state.places[key]
      let old = state.row(key)
      var row = old
      let result = try body(&row)
      let isFirst = state.before.isEmpty
      if state.before[key] == nil {
        state.before[key] = .some(place.flatMap { place in old.map { (place, $0) } })
      }
      state.put(row, key)
      return (isFirst, result)
    }
    if isFirst { transaction.join(self) }
    return result
  }

  func keepChanges() {
    state.withLock { state in
      state.before = [:]
      state.close()
    }
  }

  func undoChanges() {
    state.withLock { state in
      for (key, before) in state.before {
        state.put(nil, key)
        guard let before else { continue }
        state.places[key] = before.place
        state.entries[before.place] = Entry(key: key, row: before.row)
      }
      state.before = [:]
    }
  }
}
