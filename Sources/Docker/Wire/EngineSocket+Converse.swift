import NIOCore
import NIOPosix

extension EngineSocket {
  /// HTTP clients do not switch protocols, so it is done on a connection of its own.
  func converse<Input: AsyncSequence & Sendable>(
    _ request: EngineRequest, input: Input, output: (ByteBuffer) async throws -> Void
  ) async throws where Input.Element == ByteBuffer {
    let head = try upgradeHead(request)
    let channel = try await explaining(request) { try await connect() }
    try await channel.executeThenClose { inbound, outbound in
      var bytes = inbound.makeAsyncIterator()
      let first = try await explaining(request) {
        try await outbound.write(head)
        return try await Self.readHead(&bytes, of: request)
      }
      try await withThrowingTaskGroup(of: InputEnd.self) { group in
        group.addTask { await Self.write(input, to: outbound, of: channel.channel) }
        let outcome: Result<Void, any Error>
        do {
          try await pass(first, &bytes, of: request, to: output)
          outcome = .success(())
        } catch {
          outcome = .failure(error)
        }
        // The input is over with the program, whether it was read to its end or not; but if the input's own error
        // ended everything, that is the one to tell.
        group.cancelAll()
        if case .failed(let error) = try await group.next() { throw error }
        try outcome.get()
      }
    }
  }

  private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>
  private typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>

  /// How the writing of the input ended.
  private enum InputEnd: Sendable {
    /// All of it was handed over, or nobody wants more of it.
    case over
    /// The caller's input failed, as against the connection.
    case failed(any Error)
  }

  private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.seconds(10))
      .connect(unixDomainSocketPath: place) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
              isOutboundHalfClosureEnabled: true, inboundType: ByteBuffer.self, outboundType: ByteBuffer.self)
          )
        }
      }
  }

  private func upgradeHead(_ request: EngineRequest) throws -> ByteBuffer {
    guard let body = request.body else {
      throw DockerError.unexpectedAnswer(endpoint: request.endpoint, detail: "a hijacking call has a body")
    }
    var head = ByteBuffer()
    head.writeString(
      """
      \(request.method.rawValue) \(request.target) HTTP/1.1\r
      Host: docker\r
      Content-Length: \(body.readableBytes)\r
      Connection: Upgrade\r
      Upgrade: tcp\r

      """)
    for (name, value) in request.headers { head.writeString("\(name): \(value)\r\n") }
    head.writeString("\r\n")
    head.writeImmutableBuffer(body)
    return head
  }

  /// Writes the input and then closes this direction, by which the program sees the end of its input. If the input
  /// fails, closes the whole connection, by which the reading ends as well.
  private static func write<Input: AsyncSequence & Sendable>(
    _ input: Input, to outbound: Outbound, of channel: any Channel
  ) async -> InputEnd where Input.Element == ByteBuffer {
    var pieces = input.makeAsyncIterator()
    while true {
      let piece: ByteBuffer?
      do {
        piece = try await pieces.next()
      } catch {
        guard !Task.isCancelled else { return .over }
        channel.close(promise: nil)
        return .failed(error)
      }
      if Task.isCancelled { return .over }
      guard let piece else { break }
      do {
        try await outbound.write(piece)
      } catch {
        // The program has ended without reading all of its input; its status says what that means.
        return .over
      }
    }
    outbound.finish()
    return .over
  }

  /// Hands on what the program writes until the connection ends.
  private func pass(
    _ first: ByteBuffer, _ bytes: inout Inbound.AsyncIterator, of request: EngineRequest,
    to output: (ByteBuffer) async throws -> Void
  ) async throws {
    var chunk: ByteBuffer? = first
    while let some = chunk {
      try await output(some)
      chunk = try await explaining(request) { try await bytes.next() }
    }
    try Task.checkCancellation()
  }

  /// Reads the head of the answer, and gives the bytes behind it.
  private static func readHead(_ bytes: inout Inbound.AsyncIterator, of request: EngineRequest) async throws
    -> ByteBuffer
  {
    var buffer = ByteBuffer()
    while let chunk = try await bytes.next() {
      buffer.writeImmutableBuffer(chunk)
      guard let head = AnswerHead(buffer) else {
        guard buffer.readableBytes < 64 << 10 else { break }
        continue
      }
      buffer.moveReaderIndex(forwardBy: head.length)
      if head.status == 101 || head.status == 200 { return buffer }
      while buffer.readableBytes < head.contentLength, let more = try await bytes.next() {
        buffer.writeImmutableBuffer(more)
      }
      throw EngineRefusal(status: head.status, body: buffer)
    }
    try Task.checkCancellation()
    throw DockerError.cutOff(endpoint: request.endpoint)
  }
}

/// The head of an HTTP answer, as far as it matters for switching protocols.
struct AnswerHead {
  /// The status, such as 101.
  var status: Int
  /// The bytes of the head, its empty line included.
  var length: Int
  /// The bytes of the body, where the head says so; else 0.
  var contentLength = 0

  /// `nil` if the head is not complete.
  init?(_ buffer: ByteBuffer) {
    let bytes = buffer.readableBytesView
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      return nil
    }
    self.status = status
    length = end.upperBound - bytes.startIndex
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "content-length" {
        contentLength = Int(parts[1].drop { $0 == " " }) ?? 0
      }
    }
  }
}
