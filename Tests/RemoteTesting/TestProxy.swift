import Foundation
import Synchronization
import Testing

/// A TCP proxy on loopback that can stop to forward without closing anything: a black hole.
public final class TestProxy: Sendable {
  /// Where it listens.
  public let port: Int
  private let listener: Int32
  private let target: UInt16
  private let state = Mutex(State())

  private struct State {
    var isFrozen = false
    var isClosed = false
    var sockets: [Int32] = []
  }

  /// A proxy to the port `target` on loopback.
  public init(to target: Int) throws {
    self.target = UInt16(target)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        bind(listener, plain, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, plain, &length) == 0
      }
    }
    try #require(isOpen)
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in accepting() }
  }

  /// Whether bytes are held back instead of forwarded.
  public var isFrozen: Bool {
    get { state.withLock { $0.isFrozen } }
    set { state.withLock { $0.isFrozen = newValue } }
  }

  /// Ends it with every connection through it.
  public func close() {
    state.withLock {
      $0.isClosed = true
      for socket in $0.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
    _ = Foundation.close(listener)
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
  }

  private func accepting() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = Self.loopback(target)
      let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      guard isConnected else {
        _ = Foundation.close(client)
        _ = Foundation.close(server)
        continue
      }
      state.withLock { $0.sockets += [client, server] }
      Thread.detachNewThread { [self] in pump(from: client, to: server) }
      Thread.detachNewThread { [self] in pump(from: server, to: client) }
    }
  }

  private func pump(from source: Int32, to sink: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      while isFrozen {
        if state.withLock({ $0.isClosed }) { return }
        usleep(5000)
      }
      guard count > 0 else { break }
      var sent = 0
      while sent < count {
        let part = buffer[sent..<count].withUnsafeBytes {
          send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard part > 0 else { break }
        sent += part
      }
      if sent < count { break }
    }
    shutdown(sink, Int32(SHUT_WR))
    shutdown(source, Int32(SHUT_RD))
  }
}
