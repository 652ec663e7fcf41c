/// A record made ready for being searched many times.
struct SearchedLine {
  /// Most bytes that are searched: of a longer record its beginning and its end, where what matters stands.
  static let maximumLength = 32 * 1_024

  let line: LogLine
  let text: String
  private let bytes: [UInt8]

  init(_ line: LogLine) {
    self.line = line
    let whole = Array(line.text.utf8)
    let half = Self.maximumLength / 2
    bytes = whole.count > Self.maximumLength ? Array(whole.prefix(half) + [10] + whole.suffix(half)) : whole
    text = String(decoding: bytes, as: UTF8.self)
  }

  func contains(_ marker: String) -> Bool {
    bytes.firstRange(of: Array(marker.utf8)) != nil
  }
}
