/// Searching in log lines, by bytes: markers are plain ASCII, and lines can be long.
extension StringProtocol {
  /// What follows a text, up to the end of the line; nil where the text does not occur.
  func after(_ marker: String) -> String? {
    let bytes = Array(utf8)
    guard let found = bytes.firstRange(of: Array(marker.utf8)) else { return nil }
    return String(decoding: bytes[found.upperBound...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// What stands between two texts on one line; nil where they do not occur in this order.
  func between(_ marker: String, _ end: String) -> String? {
    guard let rest = after(marker).map({ Array($0.utf8) }) else { return nil }
    return rest.firstRange(of: Array(end.utf8)).map {
      String(decoding: rest[..<$0.lowerBound], as: UTF8.self)
    }
  }

  /// The line on which a text occurs; nil where it does not.
  func line(with marker: String) -> String? {
    let bytes = Array(utf8)
    guard let found = bytes.firstRange(of: Array(marker.utf8)) else { return nil }
    let newline = UInt8(ascii: "\n")
    let start = bytes[..<found.lowerBound].lastIndex(of: newline).map { $0 + 1 } ?? 0
    return String(decoding: bytes[start...].prefix { $0 != newline }, as: UTF8.self)
  }

  /// Without spaces and tabs at its ends.
  var trimmingBlanks: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
