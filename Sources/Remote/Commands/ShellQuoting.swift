/// The one place where words are quoted for a POSIX shell.
enum ShellQuoting {
  /// Characters that no POSIX shell gives a meaning to anywhere in a word. `~` and `=` are not among them.
  private static let harmless = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,@%".utf8)

  /// `word` as a shell reads it back byte for byte: bare where it is harmless, else in single quotes, in which
  /// only the single quote itself is special (POSIX.1-2017, Shell Command Language, 2.2.2).
  static func quote(_ word: [UInt8]) -> [UInt8] {
    if !word.isEmpty, word.allSatisfy(harmless.contains) { return word }
    return always(word)
  }

  /// `word` in single quotes even where it is harmless: for the place of the program, where a bare word could be
  /// an alias or a reserved word such as `if`.
  static func always(_ word: [UInt8]) -> [UInt8] {
    let quote = UInt8(ascii: "'")
    var quoted = [quote]
    for byte in word {
      if byte == quote {
        quoted.append(contentsOf: #"'\''"#.utf8)
      } else {
        quoted.append(byte)
      }
    }
    quoted.append(quote)
    return quoted
  }
}
