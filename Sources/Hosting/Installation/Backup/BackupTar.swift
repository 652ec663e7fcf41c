import Foundation

/// As much of the tar format as a backup needs: headers of plain files (POSIX.1-2017, pax: ustar Interchange Format,
/// with GNU's binary numbers for what is larger than 8 GB).
enum BackupTar {
  /// Headers have a block, and contents are padded to whole ones.
  static let block = 512

  static func padded(_ length: Int) -> Int { (length + block - 1) / block * block }

  /// What an archive says of one file.
  struct Header: Equatable {
    var name: String
    var length: Int
    /// In seconds since 1970.
    var modified: Int
    var isFile = true

    init(name: String, length: Int, modified: Int) {
      self.name = name
      self.length = length
      self.modified = modified
    }

    /// Nil for a block that is no header.
    init?(_ data: Data) {
      let block = [UInt8](data)
      guard block.count == BackupTar.block, block[257..<262].elementsEqual("ustar".utf8),
        BackupTar.octal(block[148..<156]) == BackupTar.sum(block),
        let length = BackupTar.number(block[124..<136]),
        let modified = BackupTar.number(block[136..<148])
      else { return nil }
      name = String(decoding: block[0..<100].prefix { $0 != 0 }, as: UTF8.self)
      // A name in two parts is none of ours, and is to be seen as what it is.
      let prefix = String(decoding: block[345..<500].prefix { $0 != 0 }, as: UTF8.self)
      if block[262] == 0, !prefix.isEmpty { name = "\(prefix)/\(name)" }
      self.length = length
      self.modified = modified
      isFile = block[156] == UInt8(ascii: "0") || block[156] == 0
    }

    var bytes: [UInt8] {
      var bytes = [UInt8](repeating: 0, count: BackupTar.block)
      func put(_ text: String, at place: Int) {
        for (offset, byte) in text.utf8.enumerated() { bytes[place + offset] = byte }
      }
      put(name, at: 0)
      put("0000600", at: 100)
      put("0000000", at: 108)
      put("0000000", at: 116)
      if length < 1 << 33 {
        put(BackupTar.octal(length, digits: 11), at: 124)
      } else {
        for offset in 0..<11 { bytes[135 - offset] = UInt8(truncatingIfNeeded: length >> (8 * offset)) }
        bytes[124] = 0x80
      }
      put(BackupTar.octal(modified, digits: 11), at: 136)
      put("0", at: 156)
      put("ustar\u{0}00", at: 257)
      put(BackupTar.octal(BackupTar.sum(bytes), digits: 6), at: 148)
      bytes[155] = 0x20
      return bytes
    }
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(max(0, number), radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30..<0x38).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  /// A number in octal digits or, if the first bit is set, in binary. Nil for one that no file has.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
    var number = 0
    for byte in [first & 0x7F] + field.dropFirst() {
      guard number < 1 << 54 else { return nil }
      number = number << 8 | Int(byte)
    }
    return number
  }

  /// The sum of a header's bytes, with its own field as blanks.
  private static func sum(_ block: [UInt8]) -> Int {
    block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
  }
}
