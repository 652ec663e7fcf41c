/// Rows under a head, in columns as wide as they need to be, within the terminal's width.
struct Table {
  let head: [String]
  var rows: [[String]] = []

  /// The lines of the table. Where they would be too long, the last column is cut; no other is.
  func lines(width: Int?, _ style: Style) -> [String] {
    let rows = [head.map { style($0, .dim) }] + rows
    let widths = head.indices.map { column in rows.map { Columns.count($0[column]) }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let isLast = column == row.count - 1
        line += isLast ? cell : Columns.pad(cell, to: widths[column] + 2)
      }
      while line.last == " " { line.removeLast() }
      return width.map { Columns.cut(line, to: $0, style) } ?? line
    }
  }
}

/// Names and values, one pair a line, the values below each other.
struct Facts {
  private var pairs: [(String, String)] = []

  /// Adds a pair; without a value there is none.
  mutating func add(_ name: String, _ value: String?) {
    if let value { pairs.append((name, value)) }
  }

  /// The lines of what differs in `other`, with what it was and what it is there.
  func changes(to other: Facts, _ style: Style) -> [String] {
    func values(of name: String, in facts: Facts) -> String {
      facts.pairs.filter { $0.0 == name }.map(\.1).joined(separator: ", ")
    }
    let names = (pairs + other.pairs).map(\.0)
    var changes = Facts()
    for (index, name) in names.enumerated() where names.firstIndex(of: name) == index {
      let (before, after) = (values(of: name, in: self), values(of: name, in: other))
      guard before != after else { continue }
      changes.add(
        name, "\(before.isEmpty ? "none" : before) \(style.arrow) \(after.isEmpty ? "none" : after)")
    }
    return changes.lines(style)
  }

  /// The lines, indented by two.
  func lines(_ style: Style) -> [String] {
    let width = pairs.map { Columns.count($0.0) }.max() ?? 0
    return pairs.map { name, value in "  " + Columns.pad(style(name, .dim), to: width + 2) + value }
  }
}
