import Foundation
import Remote

@testable import Hosting

/// Repositories served over real HTTP on loopback by git's own backend, in a folder that goes with the server.
final class GitServer: Sendable {
  let folder: String
  let port: Int
  private let process: Process
  private static let host = LocalHost()

  /// Runs `body` with a server, and ends it afterwards.
  static func serving<Result: Sendable>(_ body: (GitServer) async throws -> Result) async throws -> Result {
    let server = try await GitServer()
    do {
      let result = try await body(server)
      server.end()
      return result
    } catch {
      server.end()
      throw error
    }
  }

  private init() async throws {
    let made = try await Self.host.text(
      of: Command("mktemp", "-d", "/tmp/odeum-git.XXXXXXXX"), deadline: .seconds(10))
    folder = made.trimmingCharacters(in: .newlines)
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", Self.program, folder]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let more = pipe.fileHandleForReading.availableData
      if more.isEmpty { break }
      line.append(more)
    }
    port = Int(String(decoding: line.dropLast(), as: UTF8.self)) ?? 0
  }

  func end() {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func address(_ name: String) throws -> RepositoryAddress {
    try RepositoryAddress("http://127.0.0.1:\(port)/\(name).git")
  }

  /// Commits `files` to a branch of the repository `name`, made unless it is there. Returns the commit's hash.
  @discardableResult
  func commit(_ files: [String: String], to branch: String = "main", of name: String, _ message: String)
    async throws
    -> String
  {
    let path = "\(folder)/\(name).git"
    let script = """
      set -eu
      test -d "$1" || git init --quiet --bare --initial-branch=main -- "$1"
      work=$1.work
      test -d "$work" || git clone --quiet -- "$1" "$work"
      cd "$work"
      git checkout --quiet "$2" 2>/dev/null || git checkout --quiet -b "$2"
      python3 -c 'import json, os, sys
      for name, text in json.loads(sys.argv[1]).items():
          os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
          if text.startswith("-> "): os.symlink(text[3:], name)
          else: open(name, "w").write(text)' "$3"
      git add --all
      git -c user.name=Test -c user.email=test@localhost commit --quiet --message "$4"
      git push --quiet origin "$2"
      git rev-parse HEAD
      """
    let json = String(decoding: try JSONEncoder().encode(files), as: UTF8.self)
    let command = Command(
      "sh", "-c", Word(script), "sh", Word(path), Word(branch), Word(json), Word(message),
      environment: ["GIT_CONFIG_GLOBAL": "/dev/null"])
    return try await Self.host.text(of: command, deadline: .seconds(30)).trimmingCharacters(in: .newlines)
  }

  /// A web server that hands everything to `git http-backend`, and asks for a password below `/private`.
  private static let program = """
    import http.server, os, subprocess, sys

    class Git(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            if path.startswith("/private"):
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            environment = dict(
                os.environ, GIT_PROJECT_ROOT=sys.argv[1], GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
                QUERY_STRING=query, REQUEST_METHOD=self.command, CONTENT_LENGTH=str(len(body)),
                CONTENT_TYPE=self.headers.get("Content-Type") or "",
                HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding") or "",
                GIT_PROTOCOL=self.headers.get("Git-Protocol") or "")
            answer = subprocess.run(
                ["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE).stdout
            head, _, body = answer.partition(b"\\r\\n\\r\\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\\r\\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Git)
    print(server.server_port, flush=True)
    server.serve_forever()
    """
}
