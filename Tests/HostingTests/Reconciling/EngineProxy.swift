import Foundation
import Remote

@testable import Hosting

/// Docker's socket once more, under a path of its own, behind a process that can be ended: then every connection
/// breaks, and no new one is taken, as when Docker is stopped.
final class EngineProxy: Sendable {
  let folder: String
  private static let host = LocalHost()

  var socket: String { "\(folder)/docker.sock" }

  /// Runs `body` with a proxy, and ends it afterwards.
  static func standing<Result: Sendable>(_ body: (EngineProxy) async throws -> Result) async throws -> Result
  {
    let made = try await host.text(
      of: Command("mktemp", "-d", "/tmp/odeum-docker.XXXXXXXX"), deadline: .seconds(10))
    let proxy = EngineProxy(folder: made.trimmingCharacters(in: .newlines))
    do {
      try await proxy.begin()
      let result = try await body(proxy)
      try await proxy.end()
      try await host.output(of: Command("rm", "-rf").operands(Word(proxy.folder)), deadline: .seconds(30))
      return result
    } catch {
      try await proxy.end()
      throw error
    }
  }

  private init(folder: String) {
    self.folder = folder
  }

  /// Lets the engine be reached.
  func begin() async throws {
    let script = """
      set -eu
      rm -f "$1/ready" "$1/docker.sock"
      mkfifo "$1/ready"
      python3 -c "$2" "$1/docker.sock" "$3" </dev/null >"$1/ready" 2>/dev/null &
      echo $! >"$1/pid"
      read -r _ <"$1/ready"
      """
    let command = Command(
      "sh", "-c", Word(script), "sh", Word(folder), Word(Self.program),
      Word(HostingConfiguration().dockerSocket))
    try await Self.host.output(of: command, deadline: .seconds(30))
  }

  /// Breaks every connection and takes no more. Nothing happens where it has been ended.
  func end() async throws {
    let script = "test -e \"$1/pid\" || exit 0; kill -9 \"$(cat \"$1/pid\")\"; rm \"$1/pid\""
    try await Self.host.output(
      of: Command("sh", "-c", Word(script), "sh", Word(folder)), deadline: .seconds(10))
  }

  private static let program = """
    import socket, sys, threading

    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    print("ready", flush=True)
    while True:
        near, _ = listener.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(sys.argv[2])
        for ends in ((near, far), (far, near)):
            threading.Thread(target=pump, args=ends, daemon=True).start()
    """
}
