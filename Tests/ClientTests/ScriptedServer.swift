import NIOCore
import NIOPosix
import Synchronization

/// A TCP server on loopback that gives one prepared answer per connection, byte for byte, then closes: so a test can
/// cut an answer where it likes. It keeps what it was asked.
struct ScriptedServer {
  let port: Int
  private let heard: Heard

  /// The head and body of each request, in order.
  var requests: [String] { heard.requests.withLock { $0 } }

  private final class Heard: Sendable {
    let requests = Mutex<[String]>([])
  }

  /// Runs `body` with a server that gives `answers` in turn.
  static func answering(
    _ answers: [String], _ body: @Sendable (ScriptedServer) async throws -> Void
  ) async throws {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let heard = Heard()
    let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0, heard: heard)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await listener.executeThenClose { connections in
          var answers = answers[...]
          for try await connection in connections {
            let answer = answers.popFirst()
            try await connection.executeThenClose { inbound, outbound in
              let request = try await Self.readRequest(inbound)
              heard.requests.withLock { $0.append(request) }
              if let answer { try await outbound.write(ByteBuffer(string: answer)) }
            }
          }
        }
      }
      defer { group.cancelAll() }
      try await body(server)
    }
  }

  private static func readRequest(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> String
  {
    var request = ""
    for try await bytes in inbound {
      request += String(buffer: bytes)
      // A TLS client's first byte; no HTTP server would wait for more.
      if request.hasPrefix("\u{16}") { break }
      guard let end = request.firstRange(of: "\r\n\r\n") else { continue }
      let length = request[..<end.lowerBound].split(separator: "\r\n")
        .first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) }
      if request[end.upperBound...].utf8.count >= length ?? 0 { break }
    }
    return request
  }
}

/// An HTTP answer as it goes over the wire.
func answer(
  _ status: String = "200 OK", type: String = "application/json", headers: [String] = [], body: String
) -> String {
  (["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + headers)
    .joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// The beginning of an event stream that ends when the connection does.
func stream(_ events: String) -> String {
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + events
}
