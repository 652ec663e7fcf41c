import Foundation
import Remote

@testable import Hosting

/// Repositories served over real HTTP on loopback by git's own backend, in a folder that goes with the server.
final class GitServer: Sendable {
  let folder: String
  let port: Int
  /// The server's process.
  private let pid: String
  private static let host = LocalHost()

  /// Runs `body` with a server, and ends it afterwards.
  static func serving<Result: Sendable>(_ body: (GitServer) async throws -> Result) async throws -> Result {
    let server = try await GitServer()
    do {
      let result = try await body(server)
      try await server.end()
      return result
    } catch {
      try await server.end()
      throw error
    }
  }

  private init() async throws {
    let made = try await Self.host.text(
      of: Command("mktemp", "-d", "/tmp/odeum-git.XXXXXXXX"), deadline: .seconds(10))
    folder = made.trimmingCharacters(in: .newlines)
    // The server holds none of the command's outputs, which would never end then.
    let script = """
      set -eu
      mkfifo "$1/ready"
      python3 -c "$2" "$1" </dev/null >"$1/ready" 2>/dev/null &
      echo $!
      read -r port <"$1/ready"
      echo "$port"
      """
    let said = try await Self.host.text(
      of: Command("sh", "-c", Word(script), "sh", Word(folder), Word(Self.program)), deadline: .seconds(30))
    let numbers = said.split(separator: "\n")
    guard numbers.count == 2, let port = Int(numbers[1]) else { throw NoServer(said: said) }
    pid = String(numbers[0])
    self.port = port
  }

  private struct NoServer: Error {
    let said: String
  }

  private func end() async throws {
    try await Self.host.output(of: Command("kill", Word(pid)), deadline: .seconds(10))
    try await Self.host.output(of: Command("rm", "-rf").operands(Word(folder)), deadline: .seconds(30))
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
            if path.startswith("/elsewhere"):
                self.send_response(302)
                self.send_header("Location", self.path.replace("/elsewhere", "", 1))
                self.end_headers()
                return
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
