import Foundation

/// A message of plain text.
public struct Message: Sendable, Equatable {
  /// To whom.
  public var to: String
  /// What it is about, one line.
  public var subject: String
  /// What it says, lines ended by `\n`.
  public var text: String

  /// A message of these parts.
  public init(to: String, subject: String, text: String) {
    self.to = to
    self.subject = subject
    self.text = text
  }
}

/// The lines of a message's head.
enum Header {
  /// A line of the head. No value can begin another line.
  static func line(_ name: String, _ value: String) -> String {
    "\(name): \(encoded(value))"
  }

  /// Text as it may stand in a head: other than printable ASCII as encoded words (RFC 2047, section 2: at most 75
  /// characters each, which 45 bytes in base64 fit in), control characters as blanks.
  private static func encoded(_ value: String) -> String {
    let harmless = String(
      value.unicodeScalars.map { CharacterSet.controlCharacters.contains($0) ? " " : Character($0) })
    guard !harmless.unicodeScalars.allSatisfy(\.isASCII) else { return harmless }
    var words: [String] = []
    var word = ""
    for character in harmless {
      if !word.isEmpty, word.utf8.count + character.utf8.count > 45 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    words.append(word)
    return words.map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: " ")
  }
}
