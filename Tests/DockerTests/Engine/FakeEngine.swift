import Foundation
import NIOCore
import NIOPosix

/// A stand-in for engines that cannot be had on demand: too old, too new, broken, silent. It answers each request by
/// a script, on a Unix socket.
final class FakeEngine: Sendable {
  enum Answer: Sendable {
    /// A whole answer.
    case json(String, status: Int = 200)
    /// The beginning of a chunked answer, after which the connection is closed.
    case cutOff(String)
    /// The beginning of a chunked answer, after which nothing comes.
    case open(String)
    /// No answer at all.
    case silence
  }

  let socket: String
  private let channel: any Channel
  private let log: AsyncStream<String>
  private let logging: AsyncStream<String>.Continuation

  /// The answer to a request, which is given as "GET /version".
  @discardableResult
  static func run<Value>(
    answering answer: @escaping @Sendable (String) -> Answer, _ test: (FakeEngine) async throws -> Value
  ) async throws -> Value {
    let engine = try await FakeEngine(answer)
    do {
      let value = try await test(engine)
      try await engine.channel.close()
      return value
    } catch {
      try? await engine.channel.close()
      throw error
    }
  }

  private init(_ answer: @escaping @Sendable (String) -> Answer) async throws {
    socket = "/tmp/odeum-fake-\(UUID().uuidString.prefix(8)).sock"
    let (log, logging) = AsyncStream<String>.makeStream()
    self.log = log
    self.logging = logging
    channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(answer: answer, log: logging))
        }
      }
      .bind(unixDomainSocketPath: socket, cleanupExistingSocketFile: true).get()
  }

  /// What happens, in its order: requests as "GET /version", and "closed" for each connection that ended.
  var happenings: AsyncStream<String> { log }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (String) -> Answer
    private let log: AsyncStream<String>.Continuation
    private var request = ""

    init(answer: @escaping @Sendable (String) -> Answer, log: AsyncStream<String>.Continuation) {
      self.answer = answer
      self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      request += String(buffer: unwrapInboundIn(data))
      while let end = request.range(of: "\r\n\r\n") {
        let head = request[..<end.lowerBound]
        let length = head.firstMatch(of: #/(?i)content-length: *(\d+)/#).flatMap { Int($0.1) } ?? 0
        // Not the whole body yet.
        guard request[end.upperBound...].utf8.count >= length else { return }
        let line = head.prefix { $0 != "\r\n" }.split(separator: " ").prefix(2).joined(separator: " ")
        request = String(decoding: request[end.upperBound...].utf8.dropFirst(length), as: UTF8.self)
        log.yield(line)
        respond(answer(line), context)
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      log.yield("closed")
    }

    private func respond(_ answer: Answer, _ context: ChannelHandlerContext) {
      func send(_ text: String) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      }
      func chunk(_ text: String) -> String {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
      }
      switch answer {
      case .json(let text, let status):
        send("HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
      case .cutOff(let text):
        send(chunk(text))
        context.close(promise: nil)
      case .open(let text): send(chunk(text))
      case .silence: break
      }
    }
  }
}
