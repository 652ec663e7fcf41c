import Foundation

/// Takes one output of `ssh` apart: what comes before the command, the command's own bytes, and the marks.
struct OutputFrame {
  /// What came before the command: words of `ssh`, or of the login shell's start files. Its last 8 KB.
  private(set) var before: [UInt8] = []
  /// The process that leads the command's session, known once the command has begun.
  private(set) var leader: Int?
  /// The command's output.
  private(set) var bytes: [UInt8] = []
  /// The status of the command as a shell has it, known once it has ended.
  private(set) var status: Int?
  /// Whether the output was longer than it may be; it is then dropped.
  private(set) var isOverLimit = false

  private let begin: [UInt8]
  private let end: [UInt8]
  private let limit: Int
  private static let newline = UInt8(ascii: "\n")

  init(nonce: String, limit: Int) {
    begin = Array("\(nonce) begin ".utf8)
    end = Array("\(nonce) end ".utf8)
    self.limit = limit
  }

  /// Takes the next bytes.
  mutating func add(_ buffer: UnsafeRawBufferPointer) {
    guard status == nil else { return }
    guard leader != nil else {
      before.append(contentsOf: buffer)
      findBegin()
      return
    }
    let searched = max(0, bytes.count - end.count - 4)
    bytes.append(contentsOf: buffer)
    findEnd(from: searched)
  }

  private mutating func findBegin() {
    guard let (range, number) = mark(begin, in: before, from: 0) else {
      if before.count > 16384 { before.removeFirst(before.count - 8192) }
      return
    }
    leader = number
    bytes = Array(before[range.upperBound...])
    before.removeSubrange(range.lowerBound...)
    findEnd(from: 0)
  }

  private mutating func findEnd(from start: Int) {
    if let (range, number) = mark(end, in: bytes, from: start) {
      status = number
      bytes.removeSubrange(range.lowerBound...)
    }
    // Before the end is seen, the last bytes may be a part of the mark.
    if bytes.count > limit + (status == nil ? end.count + 4 : 0) {
      isOverLimit = true
    }
    if isOverLimit { bytes.removeFirst(max(0, bytes.count - end.count - 4)) }
  }

  /// Where `mark` stands in `bytes` with its number and the end of its line.
  private func mark(_ mark: [UInt8], in bytes: [UInt8], from start: Int) -> (Range<Int>, Int)? {
    guard let found = Self.position(of: mark, in: bytes, from: start) else { return nil }
    let digits = bytes[(found + mark.count)...]
    guard let line = digits.firstIndex(of: Self.newline),
      let number = Int(String(decoding: digits[..<line], as: UTF8.self))
    else { return nil }
    return (found..<line + 1, number)
  }

  /// Whether a line of the marks says `word`, and the bytes without it.
  mutating func take(_ word: String, nonce: String) -> Bool {
    let line = Array("\(nonce) \(word)\n".utf8)
    guard let found = Self.position(of: line, in: bytes, from: 0) else { return false }
    bytes.removeSubrange(found..<found + line.count)
    return true
  }

  private static func position(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { whole in
      part.withUnsafeBytes { part -> Int? in
        guard let base = whole.baseAddress, let wanted = part.baseAddress else { return nil }
        var position = start
        while position + part.count <= whole.count {
          let possible = whole.count - part.count - position + 1
          guard let hit = memchr(base + position, Int32(part[0]), possible) else { return nil }
          position = UnsafeRawPointer(hit) - base
          if memcmp(hit, wanted, part.count) == 0 { return position }
          position += 1
        }
        return nil
      }
    }
  }
}
