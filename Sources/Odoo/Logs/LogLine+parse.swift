extension LogLine {
  /// Reads the first line of a record; nil for a line that does not begin one. Colour codes must be gone.
  static func head(of line: String) -> LogLine? {
    // "2026-11-21 02:54:00,123 42 INFO demo odoo.modules.loading: message"
    guard line.utf8.count > 24, let time = LogTime(line.prefix(23)) else { return nil }
    var rest = line.dropFirst(23)
    func word() -> Substring? {
      guard rest.first == " " else { return nil }
      let word = rest.dropFirst().prefix { $0 != " " }
      guard !word.isEmpty else { return nil }
      rest = rest[word.endIndex...]
      return word
    }
    guard let process = word().flatMap({ Int($0) }), process >= 0,
      let level = word().flatMap({ LogLevel(rawValue: String($0)) }),
      let database = word(),
      let name = word(), name.hasSuffix(":")
    else { return nil }
    var head = Head(
      time: time, process: process, level: level, database: database == "?" ? nil : String(database),
      logger: String(name.dropLast()), performance: nil)
    var message = rest.first == " " ? rest.dropFirst() : rest
    while message.last == " " { message.removeLast() }
    if head.logger == "werkzeug" {
      (message, head.performance) = splitPerformance(message)
    }
    return LogLine(head: head, message: String(message))
  }

  /// Takes the figures off the end of a web request's message. They are ` 12 0.034 0.056`, with a cursor mode
  /// behind where a replica is set up, and dashes where nothing was counted.
  private static func splitPerformance(_ message: Substring) -> (Substring, Performance?) {
    var words = message.split(separator: " ", omittingEmptySubsequences: false)
    func drop(_ count: Int) -> Substring {
      guard words.count > count else { return "" }
      return message[..<words[words.count - count - 1].endIndex]
    }
    let modes: Set<Substring> = ["ro", "rw", "ro->rw", "-"]
    if words.count >= 4, words.suffix(4).allSatisfy({ $0 == "-" }) { return (drop(4), nil) }
    if words.count >= 3, words.suffix(3).allSatisfy({ $0 == "-" }) { return (drop(3), nil) }
    var dropped = 3
    var mode: String?
    if let last = words.last, modes.contains(last) {
      mode = last == "-" ? nil : String(last)
      words.removeLast()
      dropped = 4
    }
    guard words.count >= 3, let queries = Int(words[words.count - 3]),
      words[words.count - 2].contains("."), let queryTime = Double(words[words.count - 2]),
      words[words.count - 1].contains("."), let remainingTime = Double(words[words.count - 1])
    else { return (message, nil) }
    if dropped == 4 { words.append("-") }
    return (
      drop(dropped),
      Performance(
        queries: queries, queryTime: queryTime, remainingTime: remainingTime, cursorMode: mode)
    )
  }
}
