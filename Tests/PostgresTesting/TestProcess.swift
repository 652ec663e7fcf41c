import Foundation
import Postgres

/// The executable `test-program` as a child that a test can kill.
public final class TestProcess: Sendable {
  /// Its number.
  public var pid: Int32 { process.pid }
  /// The lines that it prints.
  public let lines: AsyncStream<String>
  private let process: ChildProcess

  /// Starts it with these words. It is built beside the tests.
  public init(_ words: [String], environment: [String: String] = [:]) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let settings = environment.map { "\($0.key)=\($0.value)" }
    process = try ChildProcess(["/usr/bin/env"] + settings + [try Self.executable()] + words, output: ends[1])
    close(ends[1])
    let output = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    self.lines = lines
    Thread.detachNewThread {
      var text = ""
      while case let data = output.availableData, !data.isEmpty {
        text += String(decoding: data, as: UTF8.self)
        var parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        text = String(parts.removeLast())
        for part in parts { continuation.yield(String(part)) }
      }
      continuation.finish()
    }
  }

  deinit {
    process.signal(SIGKILL)
  }

  /// Sends a signal, unless it has ended.
  public func signal(_ number: Int32) { process.signal(number) }

  /// Ends it as a power cut would and returns when it is gone.
  public func killHard() {
    process.signal(SIGKILL)
    process.waitForEnd()
  }

  /// Waits for its end. Returns the signal that ended it; nil when it ended by itself.
  public func waitForEnd() -> Int32? { process.waitForEnd()?.signal }

  /// The next line that begins with a word; nil when it ended without one.
  public func line(beginningWith word: String) async -> String? {
    for await line in lines where line.hasPrefix(word) { return line }
    return nil
  }

  /// The folder of the test bundle is that of the build.
  private static func executable() throws -> String {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    guard let bundle = ([program] + CommandLine.arguments).first(where: { $0.hasSuffix(".xctest") }) else {
      throw POSIXError(.ENOENT)
    }
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "test-program").path
  }
}
