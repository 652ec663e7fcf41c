import Foundation
import Remote
import Testing

@Suite("ForwardedSocket", .serialized, .timeLimit(.minutes(2)))
struct ForwardedSocketTests {
  @Test("a socket on the host is used here, ends with the connection, and comes back with it")
  func life() async throws {
    try await withSSHHost { host, server in
      let echo = try EchoSocket(at: "\(server.folder)/engine.sock")
      defer { echo.close() }
      let path = "\(server.folder)/local.sock"
      let socket = try await host.connection.forward(echo.path, to: path)
      #expect(EchoSocket.ask(path, "ping") == "ping")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      for master in ProcessTable.masters(in: server.folder) { kill(master, SIGKILL) }
      try await until { EchoSocket.ask(path, "again") == "again" }
      try await socket.cancel()
      #expect(!FileManager.default.fileExists(atPath: path))
      let second = try await host.connection.forward(echo.path, to: path)
      #expect(EchoSocket.ask(second.path, "anew") == "anew")
      await host.connection.close()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("a path that would be read as something else is refused")
  func paths() async throws {
    try await withSSHHost { host, _ in
      for path in ["relative", "/a:b", "/a\nb", "/" + String(repeating: "a", count: 120)] {
        await #expect(throws: SSHError.self) { try await host.connection.forward("/run/x.sock", to: path) }
      }
    }
  }
}

/// A Unix socket that sends back what it gets.
final class EchoSocket: Sendable {
  let path: String
  private let listener: Int32

  init(at path: String) throws {
    self.path = path
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let listener = listener
    let isOpen = Self.withAddress(path) { bind(listener, $0, $1) == 0 && listen(listener, 8) == 0 }
    try #require(isOpen)
    Thread.detachNewThread {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = recv(client, &buffer, buffer.count, 0)
        if count > 0 { _ = send(client, buffer, count, Int32(MSG_NOSIGNAL)) }
        _ = Foundation.close(client)
      }
    }
  }

  func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    _ = Foundation.close(listener)
  }

  /// The answer to `text` at the socket `path`, or `nil` if nobody answers.
  static func ask(_ path: String, _ text: String) -> String? {
    let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { _ = Foundation.close(client) }
    guard withAddress(path, { connect(client, $0, $1) == 0 }) else { return nil }
    let bytes = Array(text.utf8)
    guard send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = recv(client, &buffer, buffer.count, 0)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool)
    -> Bool
  {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
