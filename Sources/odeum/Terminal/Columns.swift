/// How many columns text takes on a terminal, and how it is cut to them.
enum Columns {
  /// The columns of `text`, without the colour codes in it.
  static func count(_ text: String) -> Int {
    var count = 0
    var isCode = false
    for character in text {
      if character == "\u{1B}" {
        isCode = true
      } else if isCode {
        isCode = !character.isLetter
      } else {
        count += width(character)
      }
    }
    return count
  }

  /// `text` with spaces behind it, up to `width` columns.
  static func pad(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - count(text)))
  }

  /// `text` cut to `width` columns, with a mark where it was cut. Colour codes stay whole and end.
  static func cut(_ text: String, to width: Int, _ style: Style) -> String {
    guard count(text) > width else { return text }
    var result = ""
    var room = max(0, width - 1)
    var isCode = false
    var hasCode = false
    for character in text {
      if character == "\u{1B}" || isCode {
        isCode = character == "\u{1B}" || !character.isLetter
        hasCode = true
        result.append(character)
        continue
      }
      let needed = Self.width(character)
      guard needed <= room else { break }
      room -= needed
      result.append(character)
    }
    return result + (width > 0 ? style.ellipsis : "") + (hasCode ? "\u{1B}[0m" : "")
  }

  /// `text` without what a terminal would take for a command: whatever a program wrote into a log stays text.
  static func harmless(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
          return isControl || scalar.properties.isBidiControl ? "\u{FFFD}" : scalar
        }))
  }

  /// East Asian wide characters and most emoji take two columns.
  private static func width(_ character: Character) -> Int {
    guard let value = character.unicodeScalars.first?.value, value >= 0x1100 else { return 1 }
    let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
    return wide.contains { $0.contains(value) } ? 2 : 1
  }
}
