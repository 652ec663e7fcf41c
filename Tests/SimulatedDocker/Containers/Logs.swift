import Foundation
import NIOCore

extension EngineState {
  mutating func write(_ writing: SimulatedProgram.Writing, to id: String, run: Int) {
    guard let container = containers[id], container.run == run, container.isRunning else { return }
    let written = SimulatedContainer.Written(
      at: Date(), isError: writing.isError, bytes: Array(writing.text.utf8))
    containers[id]?.log.append(written)
    for (_, follower) in (followers[id] ?? [:]).sorted(by: { $0.key < $1.key }) {
      follower.feed.yield(Self.frames(written, timestamps: follower.timestamps))
    }
  }

  /// Gives the log of a container to `feed`, and with `follow` what is yet to come.
  mutating func log(_ reference: String, _ call: Call, _ feed: Feed) throws {
    let container = try container(reference)
    var log = container.log
    if let since = EngineMoment.date(call.query["since"]) { log = log.filter { $0.at >= since } }
    if let tail = call.query["tail"].flatMap({ Int($0) }) { log = log.suffix(tail) }
    let timestamps = call.says("timestamps")
    for written in log { feed.yield(Self.frames(written, timestamps: timestamps)) }
    guard call.says("follow"), container.isRunning || container.status == .restarting else {
      return finish(feed)
    }
    followers[container.id, default: [:]][feed.number] = (timestamps, feed)
  }

  /// What an engine makes of something written: a frame a line, and long lines in pieces of 16 KB.
  private static func frames(_ written: SimulatedContainer.Written, timestamps: Bool) -> ByteBuffer {
    var buffer = ByteBuffer()
    var rest = written.bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      let piece = rest[..<min(end, rest.startIndex + (16 << 10))]
      rest = rest[piece.endIndex...]
      frame(Array(piece), isError: written.isError, at: timestamps ? written.at : nil, into: &buffer)
    }
    return buffer
  }

  static func frame(_ bytes: [UInt8], isError: Bool, at date: Date? = nil, into buffer: inout ByteBuffer) {
    let time = date.map { EngineMoment.text($0) + " " } ?? ""
    buffer.writeBytes([isError ? 2 : 1, 0, 0, 0])
    buffer.writeInteger(UInt32(bytes.count + time.utf8.count))
    buffer.writeString(time)
    buffer.writeBytes(bytes)
  }
}
