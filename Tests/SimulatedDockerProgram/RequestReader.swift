import NIOCore
import NIOHTTP1

@testable import Docker

/// Reads one request as it comes over a connection; its body has the length that its head says.
struct RequestReader {
  private var buffer = ByteBuffer()
  /// The request, once all of it is there.
  private(set) var request: EngineRequest?
  /// Whether it asks to switch protocols.
  private(set) var isConversation = false

  mutating func feed(_ chunk: ByteBuffer) {
    buffer.writeImmutableBuffer(chunk)
    let bytes = buffer.readableBytesView
    guard request == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
    }
    let length = fields["content-length"].flatMap { Int($0) } ?? 0
    guard words.count == 3, bytes[end.upperBound...].count >= length else { return }
    isConversation = fields["upgrade"] != nil
    let target = String(words[1])
    request = EngineRequest(
      method: HTTPMethod(rawValue: String(words[0])), target: target, headers: [],
      body: length > 0 ? ByteBuffer(bytes: bytes[end.upperBound...].prefix(length)) : nil,
      endpoint: "\(words[0]) \(target.prefix { $0 != "?" })", patience: nil, transfers: false)
  }
}
