import NIOCore
import NIOPosix
import Remote
import SimulatedDocker

@testable import SimulatedFleet

/// What listens on the host for the containers of a simulated machine: each port that one of them has now.
actor PublishedPorts {
  private let machine: SimulatedMachine
  /// By port; nil where it is just being opened.
  private var listeners: [Int: (any Channel)?] = [:]

  init(of machine: SimulatedMachine) {
    self.machine = machine
  }

  /// The ports on which others listen.
  func foreign() async throws -> Set<Int> {
    try await LocalHost().listeningPorts().subtracting(listeners.keys)
  }

  /// Opens what containers have got since, and closes what they have lost.
  func follow() async {
    let published = machine.engine.publishedPorts
    for (port, listener) in listeners where !published.contains(port) {
      guard let listener else { continue }
      listeners[port] = nil
      try? await listener.close()
    }
    for port in published where listeners[port] == nil {
      listeners[port] = .some(nil)
      let listener = try? await open(port)
      // Somebody else may have been faster; who asks there then gets no answer, or another one's.
      guard let listener, machine.engine.publishedPorts.contains(port) else {
        listeners[port] = nil
        try? await listener?.close()
        continue
      }
      listeners[port] = listener
    }
  }

  private func open(_ port: Int) async throws -> any Channel {
    let machine = machine
    return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            PageHandler { method, path in Page.of(machine, port: port, method, path) })
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
  }
}

/// Answers one request on a connection, of which only the first line matters, and closes it.
private final class PageHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: @Sendable (_ method: String, _ path: String) -> Page?
  private var request = ""

  init(_ answer: @escaping @Sendable (_ method: String, _ path: String) -> Page?) {
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    request += String(buffer: unwrapInboundIn(data))
    guard request.contains("\r\n\r\n") else { return }
    let words = request.prefix { $0 != "\r\n" }.split(separator: " ").map(String.init)
    request = ""
    if words.count == 3, let page = answer(words[0], words[1]) {
      let text = """
        HTTP/1.1 \(page.status) X\r
        Content-Type: application/json\r
        Content-Length: \(page.body.utf8.count)\r
        Connection: close\r
        \r
        \(page.body)
        """
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
    context.close(promise: nil)
  }
}
