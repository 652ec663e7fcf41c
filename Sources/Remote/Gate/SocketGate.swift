import Foundation
import Glibc
import Synchronization

/// What runs in the gate's process: hands on every connection that is made to a socket to another one.
///
/// It does nothing else, so that it can be ended at any moment: whoever is to lose what he has open loses it with this
/// process, even where he himself stands still. See `LocalGate`.
public enum SocketGate {
  /// Serves the socket `path`, which is made, by connections to `target`, until standard input ends. Says "ready" on
  /// standard output when it listens, or why it does not.
  public static func serve(_ path: String, to target: String) -> Never {
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    unlink(path)
    // Nobody else may use it in the moment before its rights are set.
    umask(0o177)
    guard listener >= 0, connecting(path, { bind(listener, $0, $1) }) == 0, listen(listener, 512) == 0 else {
      say("failed \(path) cannot be served: \(String(cString: strerror(errno)))")
      exit(1)
    }
    say("ready")
    thread {
      var byte: UInt8 = 0
      while read(0, &byte, 1) > 0 {}
      exit(0)
    }
    let carried = Carried()
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else {
        // Who gave up before he was served is no reason to wait.
        if errno != EINTR, errno != ECONNABORTED { carried.awaitRoom() }
        continue
      }
      carried.begin()
      thread {
        carry(client, to: target)
        carried.end()
      }
    }
  }

  /// How many connections are carried, for who waits until there is room for one more.
  private final class Carried: Sendable {
    private let count = Mutex(0)
    private let ended = DispatchSemaphore(value: 0)

    func begin() { count.withLock { $0 += 1 } }

    func end() {
      count.withLock { $0 -= 1 }
      ended.signal()
    }

    /// Returns when a connection ended, or soon where the system has no room for reasons of others: nobody tells when
    /// that is over.
    func awaitRoom() {
      // Those that ended before have made no room.
      while ended.wait(timeout: .now()) == .success {}
      _ = ended.wait(timeout: .now() + .milliseconds(count.withLock { $0 } > 0 ? 1_000 : 100))
    }
  }

  private static func carry(_ client: Int32, to target: String) {
    let engine = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      close(client)
      if engine >= 0 { close(engine) }
    }
    guard engine >= 0, connecting(target, { connect(engine, $0, $1) }) == 0 else { return }
    let done = DispatchSemaphore(value: 0)
    thread {
      pump(from: engine, to: client)
      done.signal()
    }
    pump(from: client, to: engine)
    done.wait()
  }

  /// Hands bytes on until their end, and then that end. Where they are not taken any more nothing more is asked for.
  private static func pump(from source: Int32, to sink: Int32) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(source, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        shutdown(sink, Int32(SHUT_WR))
        return
      }
      var sent = 0
      while sent < count {
        let more = buffer.withUnsafeBytes { write(sink, $0.baseAddress.map { $0 + sent }, count - sent) }
        if more < 0, errno == EINTR { continue }
        guard more > 0 else {
          shutdown(sink, Int32(SHUT_RDWR))
          shutdown(source, Int32(SHUT_RDWR))
          return
        }
        sent += more
      }
    }
  }

  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(1, bytes, bytes.count)
  }

  private static func thread(_ work: @escaping @Sendable () -> Void) {
    let thread = Thread(block: work)
    thread.stackSize = 256 << 10
    thread.start()
  }

  /// Calls `use` with the address of the socket at `path`; -1 where that is too long.
  static func connecting(
    _ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      errno = ENAMETOOLONG
      return -1
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
