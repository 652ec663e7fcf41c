import Docker
import NIOCore
import NIOPosix
import SimulatedDocker

/// Serves a simulated engine at a Unix socket. Each connection is for one request.
struct EngineServer: Sendable {
  let engine: SimulatedEngine
  let ports: PublishedPorts

  /// Serves until the process ends, and calls `ready` once it does.
  func serve(at socket: String, ready: @Sendable () -> Void) async throws {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(unixDomainSocketPath: socket, cleanupExistingSocketFile: true) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    ready()
    try await withThrowingDiscardingTaskGroup { group in
      try await listener.executeThenClose { connections in
        for try await connection in connections {
          group.addTask {
            // Whoever asked may go before he has his answer.
            try? await connection.executeThenClose { try await answer($0, $1) }
          }
        }
      }
    }
  }

  private typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>
  private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

  private func answer(_ inbound: Inbound, _ outbound: Outbound) async throws {
    var bytes = inbound.makeAsyncIterator()
    var reader = RequestReader()
    while reader.request == nil, let chunk = try await bytes.next() { reader.feed(chunk) }
    guard let request = reader.request else { return }
    guard !reader.isConversation else {
      try await write(try await send(request), isConversation: true, to: outbound)
      while try await bytes.next() != nil {}
      return
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await write(try await send(request), isConversation: false, to: outbound) }
      // Who asked goes: at the end of the answer, or before it.
      while try await bytes.next() != nil {}
      group.cancelAll()
    }
  }

  private func send(_ request: EngineRequest) async throws -> EngineResponse {
    if ["start", "restart"].contains(request.endpoint.split(separator: "/").last) {
      engine.foreignPorts = try await ports.foreign()
    }
    let response = try await engine.send(request)
    if request.method != .GET { await ports.follow() }
    return response
  }

  private func write(
    _ response: EngineResponse, isConversation: Bool, to outbound: Outbound
  ) async throws {
    guard !isConversation || response.status != 200 else {
      try await outbound.write(
        ByteBuffer(string: "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"))
      for try await chunk in response.body { try await outbound.write(chunk) }
      return outbound.finish()
    }
    let hasBody = ![204, 304].contains(response.status)
    let framing = hasBody ? "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n" : ""
    try await outbound.write(
      ByteBuffer(string: "HTTP/1.1 \(response.status) X\r\nConnection: close\r\n\(framing)\r\n"))
    guard hasBody else { return outbound.finish() }
    for try await chunk in response.body where chunk.readableBytes > 0 {
      var piece = ByteBuffer(string: String(chunk.readableBytes, radix: 16) + "\r\n")
      piece.writeImmutableBuffer(chunk)
      piece.writeString("\r\n")
      try await outbound.write(piece)
    }
    try await outbound.write(ByteBuffer(string: "0\r\n\r\n"))
    outbound.finish()
  }
}
