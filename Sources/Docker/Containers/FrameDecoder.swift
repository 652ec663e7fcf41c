import NIOCore

/// Takes apart the stream in which the engine mixes stdout and stderr: frames with a header of eight bytes, of which
/// the first names the source and the last four are the length of the payload, big-endian (Engine API, "Attach to
/// a container", Stream format). A frame may come in any number of pieces.
struct FrameDecoder {
  /// A piece of a frame's payload.
  struct Piece {
    var source: LogLine.Source
    var bytes: ByteBufferView
    /// Whether the piece is the first of its frame.
    var startsFrame: Bool
  }

  private let endpoint: String
  private let isRaw: Bool
  private var header: [UInt8] = []
  private var source = LogLine.Source.stdout
  private var remaining = 0
  private var startsFrame = false

  /// - Parameter isRaw: whether the stream has no frames at all, as that of a container with a terminal.
  init(endpoint: String, isRaw: Bool = false) {
    self.endpoint = endpoint
    self.isRaw = isRaw
  }

  /// Whether the stream may end here.
  var isBetweenFrames: Bool { remaining == 0 && header.isEmpty }

  mutating func feed(_ buffer: ByteBuffer) throws(DockerError) -> [Piece] {
    var rest = buffer.readableBytesView
    if isRaw { return rest.isEmpty ? [] : [Piece(source: .stdout, bytes: rest, startsFrame: true)] }
    var pieces: [Piece] = []
    while !rest.isEmpty {
      if remaining == 0 {
        let needed = rest.prefix(8 - header.count)
        header.append(contentsOf: needed)
        rest = rest.dropFirst(needed.count)
        guard header.count == 8 else { break }
        try open()
      } else {
        let payload = rest.prefix(remaining)
        pieces.append(Piece(source: source, bytes: payload, startsFrame: startsFrame))
        startsFrame = false
        remaining -= payload.count
        rest = rest.dropFirst(payload.count)
      }
    }
    return pieces
  }

  private mutating func open() throws(DockerError) {
    switch header[0] {
    case 0, 1: source = .stdout
    case 2: source = .stderr
    default:
      throw .unexpectedAnswer(endpoint: endpoint, detail: "a frame of the unknown kind \(header[0])")
    }
    remaining = header[4...].reduce(0) { $0 << 8 | Int($1) }
    startsFrame = true
    header.removeAll(keepingCapacity: true)
  }
}
