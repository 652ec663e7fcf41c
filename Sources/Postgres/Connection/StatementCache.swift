/// The statements prepared on one connection, by text and types of their values; the least used one leaves.
struct StatementCache {
  struct Key: Hashable {
    let text: String
    let types: [UInt32]
  }

  struct Statement {
    let name: String
    var columns: ResultColumns?
    var lastUse = 0
  }

  private var statements: [Key: Statement] = [:]
  private var uses = 0
  private var names = 0
  /// How many statements a connection keeps; each takes some memory on the server too.
  let capacity: Int

  init(capacity: Int = 256) {
    self.capacity = capacity
  }

  /// The statement when it is prepared already.
  mutating func find(_ key: Key) -> Statement? {
    guard let place = statements.index(forKey: key) else { return nil }
    uses += 1
    statements.values[place].lastUse = uses
    return statements.values[place]
  }

  /// A name for a new statement.
  mutating func nextName() -> String {
    names += 1
    return "s\(names)"
  }

  /// Keeps a prepared statement; returns the name of one that must be deallocated to make room.
  mutating func insert(_ statement: String, for key: Key) -> String? {
    var evicted: String?
    if statements.count >= capacity, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      evicted = oldest.value.name
      statements[oldest.key] = nil
    }
    uses += 1
    statements[key] = Statement(name: statement, columns: nil, lastUse: uses)
    return evicted
  }

  mutating func setColumns(_ columns: ResultColumns, for key: Key) {
    statements[key]?.columns = columns
  }

  mutating func remove(_ key: Key) {
    statements[key] = nil
  }
}
