import NIOCore

extension TarArchive {
  /// The archive's bytes: ustar headers, with a pax header before an entry whose name, target or size does not fit.
  ///
  /// - Throws: `DockerError.invalid` for a name that is empty, absolute, or holds a NUL byte or `..`.
  public func encoded() throws(DockerError) -> ByteBuffer {
    var buffer = ByteBuffer()
    for entry in entries { try Self.write(entry, to: &buffer) }
    buffer.writeRepeatingByte(0, count: 2 * TarBlock.size)
    return buffer
  }

  private static func write(_ entry: ArchiveFile, to buffer: inout ByteBuffer) throws(DockerError) {
    var name = entry.name
    guard !name.isEmpty, !name.hasPrefix("/"), !name.utf8.contains(0),
      !name.split(separator: "/").contains("..")
    else { throw .invalid(what: .path, name: name, reason: "a name in an archive is relative, without “..”") }
    var kind = UInt8(ascii: "0")
    var bytes: [UInt8] = []
    var target = ""
    switch entry.content {
    case .file(let content): bytes = content
    case .folder:
      kind = UInt8(ascii: "5")
      if !name.hasSuffix("/") { name += "/" }
    case .link(let to):
      kind = UInt8(ascii: "2")
      target = to
    }
    var records: [(String, String)] = []
    if name.utf8.count > TarBlock.name.count || !name.utf8.allSatisfy({ $0 < 0x80 }) {
      records.append(("path", name))
    }
    if target.utf8.count > TarBlock.linkTarget.count || !target.utf8.allSatisfy({ $0 < 0x80 }) {
      records.append(("linkpath", target))
    }
    if entry.uid > 0o7777777 { records.append(("uid", String(entry.uid))) }
    if entry.gid > 0o7777777 { records.append(("gid", String(entry.gid))) }
    if bytes.count > 0o77777777777 { records.append(("size", String(bytes.count))) }
    if !records.isEmpty {
      let extended = records.map(record).joined()
      let header = Header(
        name: "././@PaxHeader", kind: UInt8(ascii: "x"), mode: 0o644, length: extended.utf8.count)
      buffer.writeBytes(header.block)
      buffer.writePadded(Array(extended.utf8))
    }
    let header = Header(
      name: name, kind: kind, mode: Int(entry.mode), uid: entry.uid, gid: entry.gid, length: bytes.count,
      modified: entry.modified, target: target)
    buffer.writeBytes(header.block)
    buffer.writePadded(bytes)
  }

  /// A record "27 path=a/long/name\n", whose number is the length of the whole record, its own digits included.
  private static func record(_ key: String, _ value: String) -> String {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count
    while length != rest.utf8.count + String(length).utf8.count {
      length = rest.utf8.count + String(length).utf8.count
    }
    return String(length) + rest
  }

  private struct Header {
    var name: String
    var kind: UInt8
    var mode: Int
    var uid = 0
    var gid = 0
    var length: Int
    var modified = 0
    var target = ""

    var block: [UInt8] {
      var block = [UInt8](repeating: 0, count: TarBlock.size)
      func put(_ bytes: some Sequence<UInt8>, _ field: Range<Int>) {
        for (offset, byte) in bytes.prefix(field.count).enumerated() {
          block[field.lowerBound + offset] = byte
        }
      }
      func putOctal(_ number: Int, _ field: Range<Int>) {
        let digits = String(max(0, number), radix: 8)
        let width = field.count - 1
        // A number that does not fit is in the pax header.
        let fitting = digits.utf8.count <= width ? digits : "0"
        put((String(repeating: "0", count: width - fitting.utf8.count) + fitting).utf8, field)
      }
      put(name.utf8, TarBlock.name)
      putOctal(mode, TarBlock.mode)
      putOctal(uid, TarBlock.uid)
      putOctal(gid, TarBlock.gid)
      putOctal(length, TarBlock.length)
      putOctal(modified, TarBlock.modified)
      block[TarBlock.kind] = kind
      put(target.utf8, TarBlock.linkTarget)
      put("ustar\u{0}00".utf8, TarBlock.magic)
      putOctal(TarBlock.sum(of: block), TarBlock.checksum.lowerBound..<TarBlock.checksum.upperBound - 1)
      block[TarBlock.checksum.upperBound - 1] = 0x20
      return block
    }
  }
}

extension ByteBuffer {
  fileprivate mutating func writePadded(_ bytes: [UInt8]) {
    writeBytes(bytes)
    let rest = bytes.count % TarBlock.size
    if rest > 0 { writeRepeatingByte(0, count: TarBlock.size - rest) }
  }
}
