import Foundation
import NIOCore

/// Makes lines of the engine's mixed stream of stdout and stderr.
///
/// A line may come in several frames, since a program writes as it likes and the engine cuts long ones at 16 KB;
/// and frames of the two sources alternate at will. So each source has an unfinished line of its own. With times,
/// every frame begins with one, also a frame that goes on with a line; a terminal's stream, which has no frames, has one
/// at the beginning of every line.
struct LogDecoder: ChunkDecoder {
  static let longestLine = 256 << 10

  private struct Unfinished {
    var bytes: [UInt8] = []
    var timestamp: Date?
    /// The time at the beginning of a frame as far as it has come; `nil` behind it.
    var prefix: [UInt8]?
  }

  private var frames: FrameDecoder
  private let isRaw: Bool
  private let timestamps: Bool
  private var stdout = Unfinished()
  private var stderr = Unfinished()

  init(endpoint: String, isRaw: Bool = false, timestamps: Bool = false) {
    frames = FrameDecoder(endpoint: endpoint, isRaw: isRaw)
    self.isRaw = isRaw
    self.timestamps = timestamps
    if isRaw, timestamps { stdout.prefix = [] }
  }

  mutating func feed(_ bytes: ByteBuffer) throws -> [LogLine] {
    var lines: [LogLine] = []
    for piece in try frames.feed(bytes) {
      switch piece.source {
      case .stdout: take(piece, into: &stdout, &lines)
      case .stderr: take(piece, into: &stderr, &lines)
      }
    }
    return lines
  }

  mutating func finish() -> [LogLine] {
    var lines: [LogLine] = []
    if !stdout.bytes.isEmpty { lines.append(Self.end(&stdout, .stdout)) }
    if !stderr.bytes.isEmpty { lines.append(Self.end(&stderr, .stderr)) }
    return lines
  }

  private func take(_ piece: FrameDecoder.Piece, into line: inout Unfinished, _ lines: inout [LogLine]) {
    var rest = piece.bytes
    if timestamps, piece.startsFrame, !isRaw { line.prefix = [] }
    while !rest.isEmpty {
      if line.prefix != nil {
        rest = takeTime(rest, into: &line)
        continue
      }
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      line.bytes.append(contentsOf: end.map { rest[..<$0] } ?? rest)
      rest = end.map { rest[rest.index(after: $0)...] } ?? rest.dropFirst(rest.count)
      if end != nil {
        lines.append(Self.end(&line, piece.source))
        if timestamps, isRaw { line.prefix = [] }
      }
      while line.bytes.count > Self.longestLine {
        lines.append(Self.cut(&line, piece.source))
      }
    }
  }

  /// Takes bytes up to the space behind a time, and the space.
  private func takeTime(_ bytes: ByteBufferView, into line: inout Unfinished) -> ByteBufferView {
    guard var prefix = line.prefix else { return bytes }
    let space = bytes.firstIndex(of: UInt8(ascii: " "))
    prefix.append(contentsOf: space.map { bytes[..<$0] } ?? bytes)
    let isTime = space != nil ? EngineDate.parse(prefix[...]) : nil
    let isTooLong = prefix.count > 40
    guard space != nil || isTooLong else {
      line.prefix = prefix
      return bytes.dropFirst(bytes.count)
    }
    line.prefix = nil
    if let isTime {
      // The time of a line is that of its first frame.
      if line.bytes.isEmpty { line.timestamp = isTime }
    } else {
      // No time after all: the bytes are part of the line.
      line.bytes.append(contentsOf: prefix)
      if space != nil { line.bytes.append(UInt8(ascii: " ")) }
    }
    return space.map { bytes[bytes.index(after: $0)...] } ?? bytes.dropFirst(bytes.count)
  }

  private static func end(_ line: inout Unfinished, _ source: LogLine.Source) -> LogLine {
    if line.bytes.last == UInt8(ascii: "\r") { line.bytes.removeLast() }
    defer {
      line.bytes.removeAll(keepingCapacity: line.bytes.count < 4096)
      line.timestamp = nil
    }
    return LogLine(
      source: source, text: String(decoding: line.bytes, as: UTF8.self), timestamp: line.timestamp)
  }

  /// Cuts a line that grows too long, not within a character.
  private static func cut(_ line: inout Unfinished, _ source: LogLine.Source) -> LogLine {
    var end = longestLine
    while end > longestLine - 4, line.bytes[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
    defer { line.bytes.removeFirst(end) }
    return LogLine(
      source: source, text: String(decoding: line.bytes[..<end], as: UTF8.self), timestamp: line.timestamp,
      isContinued: true)
  }
}
