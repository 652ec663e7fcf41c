/// Takes a terminal's control sequences (colours, titles, cursor movements) out of a text.
///
/// Odoo colours its log on a terminal and when `ODOO_PY_COLORS` is set.
public enum TerminalCodes {
  /// The text without escape sequences and without other control characters than the tab.
  public static func stripped(_ text: some StringProtocol) -> String {
    let escape: Unicode.Scalar = "\u{1B}"
    guard text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else { return String(text) }
    var kept = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      if scalar == escape {
        skipSequence(&scalars)
      } else if scalar == "\t" || scalar.value >= 0x20 && scalar.value != 0x7F {
        kept.append(scalar)
      }
    }
    return String(kept)
  }

  private static func skipSequence(_ scalars: inout some IteratorProtocol<Unicode.Scalar>) {
    switch scalars.next() {
    case "[":
      // Parameters and intermediates, then one final byte from @ to ~.
      while let scalar = scalars.next(), !(0x40...0x7E).contains(scalar.value) {}
    case "]", "P", "^", "_":
      // A string, ended by BEL or by ESC \.
      var previous: Unicode.Scalar?
      while let scalar = scalars.next() {
        if scalar == "\u{07}" || (scalar == "\\" && previous == "\u{1B}") { break }
        previous = scalar
      }
    default: break
    }
  }
}
