import Foundation
import NIOCore
import Testing

@testable import Docker

@Suite("Streams of the engine")
struct StreamDecodingTests {
  static func frame(_ source: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let count = UInt32(payload.count)
    return [source, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) } + payload
  }

  static func frame(_ source: UInt8, _ text: String) -> [UInt8] { frame(source, Array(text.utf8)) }

  /// Feeds `bytes` in pieces of `size`.
  static func lines(_ bytes: [UInt8], pieces size: Int, timestamps: Bool = false, isRaw: Bool = false) throws
    -> [LogLine]
  {
    var decoder = LogDecoder(endpoint: "GET /logs", isRaw: isRaw, timestamps: timestamps)
    var lines: [LogLine] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      lines += try decoder.feed(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
    }
    return lines + decoder.finish()
  }

  @Test(
    "lines across frames and sources come out whole, however the bytes are cut",
    arguments: [1, 2, 3, 7, 8, 9, 1000])
  func lines(size: Int) throws {
    let bytes =
      Self.frame(1, "one\ntw") + Self.frame(2, "err é") + Self.frame(1, "o\r\n\nthr") + Self.frame(2, "rr\n")
      + Self.frame(1, "") + Self.frame(1, "ee")
    #expect(
      try Self.lines(bytes, pieces: size) == [
        LogLine(source: .stdout, text: "one"), LogLine(source: .stdout, text: "two"),
        LogLine(source: .stdout, text: ""), LogLine(source: .stderr, text: "err érr"),
        LogLine(source: .stdout, text: "three"),
      ])
  }

  @Test(
    "a character that two frames share is whole, and bytes that are none are repaired",
    arguments: [1, 5, 1000])
  func characters(size: Int) throws {
    let elephant = Array("🐘".utf8)
    let bytes = Self.frame(1, Array(elephant[..<2])) + Self.frame(1, elephant[2...] + [0xff, 0x0a])
    #expect(try Self.lines(bytes, pieces: size) == [LogLine(source: .stdout, text: "🐘\u{fffd}")])
  }

  @Test("times are taken off, also within a line that came in parts", arguments: [1, 4, 1000])
  func timestamps(size: Int) throws {
    let bytes =
      Self.frame(1, "2023-11-14T22:13:20.500000000Z part one ")
      + Self.frame(2, "2023-11-14T22:13:21.000000000Z x\n")
      + Self.frame(1, "2023-11-14T22:13:22.000000000Z part two\n") + Self.frame(1, "2023-11-14T22:13:23Z \n")
    #expect(
      try Self.lines(bytes, pieces: size, timestamps: true) == [
        LogLine(source: .stderr, text: "x", timestamp: Date(timeIntervalSince1970: 1_700_000_001)),
        LogLine(
          source: .stdout, text: "part one part two", timestamp: Date(timeIntervalSince1970: 1_700_000_000.5)),
        LogLine(source: .stdout, text: "", timestamp: Date(timeIntervalSince1970: 1_700_000_003)),
      ])
  }

  @Test("a terminal's stream has no frames, and a time at each line", arguments: [1, 1000])
  func raw(size: Int) throws {
    let text = "2023-11-14T22:13:20Z a\r\n2023-11-14T22:13:21Z b\n"
    #expect(
      try Self.lines(Array(text.utf8), pieces: size, timestamps: true, isRaw: true) == [
        LogLine(source: .stdout, text: "a", timestamp: Date(timeIntervalSince1970: 1_700_000_000)),
        LogLine(source: .stdout, text: "b", timestamp: Date(timeIntervalSince1970: 1_700_000_001)),
      ])
  }

  @Test("a line without end is cut into pieces, between characters, and takes bounded memory")
  func longLine() throws {
    let text = String(repeating: "é", count: 300_000)
    let lines = try Self.lines(Self.frame(1, text + "\nnext\n"), pieces: 65_536)
    #expect(lines.map(\.text).dropLast().joined() == text)
    #expect(lines.dropLast(2).allSatisfy { $0.isContinued && $0.text.utf8.count <= LogDecoder.longestLine })
    #expect(lines.last == LogLine(source: .stdout, text: "next"))
    #expect(lines.count == 4)
  }

  @Test("a stream that is none of frames is an error, not noise")
  func noFrames() {
    #expect(throws: DockerError.self) { try Self.lines(Array("plain text, no frames".utf8), pieces: 100) }
  }

  struct Item: Decodable, Equatable, Sendable { var n: Int }

  @Test("JSON lines come out whole, however the bytes are cut", arguments: [1, 2, 5, 100])
  func jsonLines(size: Int) throws {
    let bytes = Array("{\"n\": 1}\r\n\n{\"n\": 2}\n{\"n\": 3}".utf8)
    var decoder = JSONLines(endpoint: "GET /events") { (item: Item) in item.n == 2 ? nil : item }
    var items: [Item] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      items += try decoder.feed(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
    }
    items += try decoder.finish()
    #expect(items == [Item(n: 1), Item(n: 3)])
  }

  @Test("a JSON line that was cut off is an error")
  func cutOffLine() throws {
    var decoder = JSONLines(endpoint: "GET /events") { (item: Item) in item }
    #expect(try decoder.feed(ByteBuffer(string: "{\"n\": 1}\n{\"n")) == [Item(n: 1)])
    #expect(throws: DockerError.self) { try decoder.finish() }
  }

  @Test("the head of an answer is read when it is complete")
  func head() throws {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Type: x\r\ncontent-length:  12\r\n\r\n"
    for end in 0..<head.utf8.count {
      #expect(AnswerHead(ByteBuffer(bytes: Array(head.utf8.prefix(end)))) == nil)
    }
    let parsed = try #require(AnswerHead(ByteBuffer(string: head + "body")))
    #expect(parsed.status == 404 && parsed.contentLength == 12 && parsed.length == head.utf8.count)
  }
}
