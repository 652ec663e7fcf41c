import Glibc

/// Lets other threads end the sleep of one that waits for a socket: a pair of sockets, from itself to itself.
final class WakeUp: Sendable {
  private let reading: Int32
  private let writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    // Without them (no file descriptors left) the sleeper still looks about every second.
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    _ = socketpair(AF_UNIX, type, 0, &ends)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  func signal() {
    var byte: UInt8 = 1
    // A full buffer has woken the sleeper already.
    _ = write(writing, &byte, 1)
  }

  /// Sleeps until signalled or that time is over.
  func wait(milliseconds: Int32) {
    var source = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    poll(&source, 1, milliseconds)
    clear()
  }

  /// Sleeps until signalled or the socket can be read.
  func wait(orReadable socket: Int32) {
    var sources = [
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
    ]
    poll(&sources, 2, reading < 0 ? 1_000 : -1)
    clear()
  }

  private func clear() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      while read(reading, buffer.baseAddress, buffer.count) == buffer.count {}
    }
  }
}
