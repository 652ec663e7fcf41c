import Foundation
import NIOCore

/// Reads a sequence of JSON objects, each on a line of its own, of which one element becomes one value or none.
struct JSONLines<Element: Decodable, Output: Sendable>: ChunkDecoder {
  /// The longest line: a build's line of output, or an event with all labels, is far below it.
  private static var longestLine: Int { 4 << 20 }

  let endpoint: String
  let transform: (Element) throws -> Output?
  private var line: [UInt8] = []

  init(endpoint: String, _ transform: @escaping (Element) throws -> Output?) {
    self.endpoint = endpoint
    self.transform = transform
  }

  mutating func feed(_ bytes: ByteBuffer) throws -> [Output] {
    var outputs: [Output] = []
    var rest = bytes.readableBytesView[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      line.append(contentsOf: rest[..<end])
      rest = rest[rest.index(after: end)...]
      if let output = try take() { outputs.append(output) }
    }
    line.append(contentsOf: rest)
    guard line.count <= Self.longestLine else {
      throw DockerError.unexpectedAnswer(endpoint: endpoint, detail: "a line has more than 4 MB")
    }
    return outputs
  }

  mutating func finish() throws -> [Output] {
    try take().map { [$0] } ?? []
  }

  private mutating func take() throws -> Output? {
    defer { line.removeAll(keepingCapacity: true) }
    guard line.contains(where: { $0 != 0x20 && $0 != 0x0d }) else { return nil }
    let element: Element
    do {
      element = try JSONDecoder().decode(Element.self, from: Data(line))
    } catch {
      throw DockerError.unexpectedAnswer(endpoint: endpoint, detail: String(describing: error))
    }
    return try transform(element)
  }
}
