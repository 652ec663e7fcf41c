extension LogLine {
  /// One readable line: time, level, logger, the metadata as `key=value`, and the message.
  ///
  /// Whatever people and programs send stays on that line and does nothing to a terminal: control characters, and what a
  /// terminal would take for a line's end or the direction of writing, are written as `\u{1B}`.
  var text: String {
    let values = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    return Self.harmless("\(moment) \(level.rawValue) \(logger):\(values) \(message)") + "\n"
  }

  /// `text` with everything that a terminal or a reader of lines would not show escaped.
  private static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnseen) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      if isUnseen(scalar) {
        escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
