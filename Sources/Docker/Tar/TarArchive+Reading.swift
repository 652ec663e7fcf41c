import NIOCore

extension TarArchive {
  /// Reads an archive of ustar headers with the extensions that are in use: pax headers, and GNU's long names and
  /// binary numbers. Entries other than files, folders and symbolic links are left out (devices, hard links).
  ///
  /// - Throws: `DockerError.invalid` for what is no archive, or one that was cut off.
  public init(reading buffer: ByteBuffer) throws(DockerError) {
    var rest = buffer.readableBytesView[...]
    var entries: [ArchiveFile] = []
    var extended: [String: String] = [:]
    var longName: String?
    var longTarget: String?

    func take(_ count: Int) throws(DockerError) -> ByteBufferView {
      guard count >= 0, rest.count >= count else { throw Self.broken("it ends in the middle of an entry") }
      let taken = rest.prefix(count)
      rest = rest.dropFirst(count)
      return taken
    }

    while true {
      let block = Array(try take(TarBlock.size))
      // Blocks of zeros end an archive; without them it was cut off.
      if block.allSatisfy({ $0 == 0 }) { break }
      guard Self.number(block[TarBlock.checksum]) == TarBlock.sum(of: block) else {
        throw Self.broken("a header's check sum is wrong")
      }
      let length = extended["size"].flatMap { Int($0) } ?? Self.number(block[TarBlock.length]) ?? -1
      let kind = block[TarBlock.kind]
      let hasContent = kind != UInt8(ascii: "2") && kind != UInt8(ascii: "5") && kind != UInt8(ascii: "1")
      let content = try take(hasContent ? length : 0)
      let padding = content.count % TarBlock.size
      if padding > 0 { _ = try take(min(rest.count, TarBlock.size - padding)) }

      switch kind {
      case UInt8(ascii: "x"):
        extended.merge(try Self.records(Array(content))) { $1 }
        continue
      case UInt8(ascii: "g"): continue
      case UInt8(ascii: "L"):
        longName = Self.text(Array(content)[...])
        continue
      case UInt8(ascii: "K"):
        longTarget = Self.text(Array(content)[...])
        continue
      default: break
      }
      let name = extended["path"] ?? longName ?? Self.name(in: block)
      let target = extended["linkpath"] ?? longTarget ?? Self.text(block[TarBlock.linkTarget])
      let what: ArchiveFile.Content? =
        switch kind {
        case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): name.hasSuffix("/") ? .folder : .file(Array(content))
        case UInt8(ascii: "5"): .folder
        case UInt8(ascii: "2"): .link(to: target)
        default: nil
        }
      if let what {
        entries.append(
          ArchiveFile(
            name: name.hasSuffix("/") ? String(name.dropLast()) : name, content: what,
            mode: UInt16(truncatingIfNeeded: Self.number(block[TarBlock.mode]) ?? 0),
            uid: extended["uid"].flatMap { Int($0) } ?? Self.number(block[TarBlock.uid]) ?? 0,
            gid: extended["gid"].flatMap { Int($0) } ?? Self.number(block[TarBlock.gid]) ?? 0,
            modified: Self.number(block[TarBlock.modified]) ?? 0))
      }
      extended = [:]
      longName = nil
      longTarget = nil
    }
    self.init(entries)
  }

  private static func broken(_ reason: String) -> DockerError {
    .invalid(what: .archive, name: "tar", reason: reason)
  }

  /// Text up to the first NUL byte.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The name, with ustar's prefix where there is one.
  private static func name(in block: [UInt8]) -> String {
    let name = text(block[TarBlock.name])
    // GNU's own format has other fields in the place of the prefix.
    guard block[TarBlock.magic].starts(with: "ustar\u{0}".utf8) else { return name }
    let prefix = text(block[TarBlock.prefix])
    return prefix.isEmpty ? name : "\(prefix)/\(name)"
  }

  /// A number in octal digits, or, if the first bit is set, in binary (GNU).
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      var number = Int(first & 0x7f)
      for byte in field.dropFirst() {
        guard number < 1 << 54 else { return nil }
        number = number << 8 | Int(byte)
      }
      return number
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 >= 0x30 && $0 < 0x38 }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  /// The records of a pax header: "27 path=a/long/name\n" each.
  private static func records(_ bytes: [UInt8]) throws(DockerError) -> [String: String] {
    var records: [String: String] = [:]
    var rest = bytes[...]
    while let space = rest.firstIndex(of: 0x20) {
      guard let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
        length > space - rest.startIndex + 2,
        length <= rest.count, rest[rest.startIndex + length - 1] == 0x0a
      else { throw broken("a pax header is malformed") }
      let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
      if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
        records[String(decoding: record[..<equals], as: UTF8.self)] = String(
          decoding: record[(equals + 1)...], as: UTF8.self)
      }
      rest = rest.dropFirst(length)
    }
    return records
  }
}
