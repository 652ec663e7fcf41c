import Foundation
import Testing

@testable import Remote

@Suite("LocalGate", .serialized, .timeLimit(.minutes(2)))
struct LocalGateTests {
  @Test("a gate hands on bytes and their end; a new owner ends it with what is open in it, and locks it out")
  func takeOver() async throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let echo = try LastingEcho("\(folder)/engine")
    defer { echo.stop() }
    let fence = Fence(folder: "\(folder)/a 'fence'")
    try await fence.raise(to: 1, on: LocalHost())
    let old = try gate(1, fence, folder)
    try await old.open()
    try await old.open()
    let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let first = try Client(old.path)
    async let sent: Void = first.send(large)
    #expect(await first.receive(large.count) == large)
    await sent
    first.finish()
    #expect(await first.receive(1) == [])

    let pending = try Client(old.path)
    await pending.send([1])
    #expect(await pending.receive(1) == [1])
    try await fence.raise(to: 2, on: LocalHost())
    #expect(await pending.receive(1) == [])
    #expect(throws: POSIXError.self) { try Client(old.path) }
    try await until {
      do {
        try await old.open()
        return false
      } catch {
        return (error as? HostError) == .staleEpoch(host: "this machine", epoch: 1, newest: 2)
      }
    }

    let new = try gate(2, fence, folder)
    try await new.open()
    let last = try Client(new.path)
    await last.send([2])
    #expect(await last.receive(1) == [2])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(fence.folder)/owners").count == 1)
    await old.close()
    await new.close()
    #expect(await last.receive(1) == [])
    #expect(!FileManager.default.fileExists(atPath: new.path))
  }

  @Test(
    "a gate that was killed comes back when it is asked for, and what cannot be served is told with its cause"
  )
  func failing() async throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let fence = Fence(folder: "\(folder)/fence")
    let gate = try gate(1, fence, folder)
    try await gate.open()
    let note = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(fence.folder)/owners").first)
    let process = try #require(
      note.split(separator: ".").last?.split(separator: "-").first.flatMap { Int32($0) })
    kill(process, SIGKILL)
    try await until {
      try await gate.open()
      return (try? Client(gate.path)) != nil
    }
    await gate.close()
    let nowhere = LocalGate(
      owner: FenceOwner(fence: fence, epoch: 1), program: try TestProgram.path, path: "\(folder)/no/gate",
      target: "\(folder)/engine")
    await #expect {
      try await nowhere.open()
    } throws: { error in
      guard case .failed(_, _, _, let words)? = error as? HostError else { return false }
      return words.contains("\(folder)/no/gate cannot be served: No such file or directory")
    }
    #expect(LocalGate.reach("\(folder)/engine") == ENOENT)
  }

  private func makeFolder() throws -> String {
    let folder = "/tmp/odeum-gate-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  private func gate(_ epoch: Int, _ fence: Fence, _ folder: String) throws -> LocalGate {
    LocalGate(
      owner: FenceOwner(fence: fence, epoch: epoch), program: try TestProgram.path,
      path: "\(folder)/\(epoch).sock", target: "\(folder)/engine")
  }
}

/// The program `test-program`, which is built beside the tests.
private enum TestProgram {
  static var path: String {
    get throws {
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let bundle = try #require(([program] + CommandLine.arguments).first { $0.hasSuffix(".xctest") })
      return URL(filePath: bundle).deletingLastPathComponent().appending(path: "test-program").path
    }
  }
}

/// Sends back all that it is sent on each connection, until it is stopped.
private final class LastingEcho: Sendable {
  private let listener: Int32

  init(_ path: String) throws {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    try #require(SocketGate.connecting(path) { bind(listener, $0, $1) } == 0 && listen(listener, 5) == 0)
    self.listener = listener
    Thread.detachNewThread {
      while case let client = accept(listener, nil, nil), client >= 0 {
        Thread.detachNewThread {
          var buffer = [UInt8](repeating: 0, count: 8192)
          while case let count = read(client, &buffer, buffer.count), count > 0 {
            guard Foundation.send(client, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
          }
          close(client)
        }
      }
    }
  }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}

/// One connection to a socket. Reading and writing wait on threads of their own.
private final class Client: Sendable {
  private let file: Int32

  init(_ path: String) throws {
    file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard SocketGate.connecting(path, { [file] in connect(file, $0, $1) }) == 0 else {
      let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
      close(file)
      throw error
    }
  }

  deinit { close(file) }

  func send(_ bytes: [UInt8]) async {
    await onThread { [file] in
      var sent = 0
      while sent < bytes.count {
        let more = bytes.withUnsafeBytes {
          Foundation.send(file, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard more > 0 else { return }
        sent += more
      }
    }
  }

  /// So many bytes, or those that came before the end.
  func receive(_ count: Int) async -> [UInt8] {
    await onThread { [file] in
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while bytes.count < count, case let more = read(file, &buffer, min(buffer.count, count - bytes.count)),
        more > 0
      {
        bytes += buffer[..<more]
      }
      return bytes
    }
  }

  func finish() { shutdown(file, Int32(SHUT_WR)) }

  private func onThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}
