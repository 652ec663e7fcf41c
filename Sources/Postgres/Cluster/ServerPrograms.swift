import FoundationEssentials
import Glibc

/// The programs of one installed PostgreSQL server.
struct ServerPrograms: Sendable {
  /// The oldest version that Odeum works with.
  static let oldestSupported = 15

  /// The folder with `initdb` and `postgres`.
  let folder: String
  /// The major version, such as 15.
  let version: Int

  var initdb: String { "\(folder)/initdb" }
  var postgres: String { "\(folder)/postgres" }

  /// The newest installed server; for existing data, that of its version.
  ///
  /// Looks at Debian's folders, where `pg_config` points to, and the PATH.
  static func find(for data: String, in folders: [String] = candidates()) throws -> ServerPrograms {
    let found = folders.compactMap(ServerPrograms.init(folder:))
    let usable = found.filter { $0.version >= oldestSupported }
    guard let newest = usable.max(by: { $0.version < $1.version }) else {
      throw ClusterError.noServerPrograms(
        searched: ["/usr/lib/postgresql/*/bin", "pg_config --bindir", "PATH"],
        tooOld: found.map { "\($0.version) in \($0.folder)" })
    }
    guard let needed = dataVersion(data) else { return newest }
    guard let matching = usable.first(where: { $0.version == needed }) else {
      throw ClusterError.otherVersion(data: data, needed: needed, found: usable.map(\.version))
    }
    return matching
  }

  /// The version that made a data folder; nil when there is none yet.
  private static func dataVersion(_ data: String) -> Int? {
    (try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8)).flatMap {
      Int($0.trimmingTrailingNewline)
    }
  }

  /// A folder counts only with both programs in it.
  private init?(folder: String) {
    let programs = ["initdb", "postgres"].map { "\(folder)/\($0)" }
    guard programs.allSatisfy({ access($0, X_OK) == 0 }) else { return nil }
    self.folder = folder
    guard let output = Self.output(of: "\(folder)/postgres", "--version"),
      let version = Self.major(in: output)
    else { return nil }
    self.version = version
  }

  /// 15 from `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, 18 from `… 18beta1`.
  static func major(in output: String) -> Int? {
    let words = output.split(separator: " ")
    guard let place = words.firstIndex(of: "(PostgreSQL)"), words.indices.contains(place + 1) else {
      return nil
    }
    return Int(words[place + 1].prefix { $0.isNumber })
  }

  static func candidates() -> [String] {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let programs = path.map { "\($0)/pg_config" }
    let configured = programs.first { access($0, X_OK) == 0 }.flatMap { output(of: $0, "--bindir") }
    let folders = versions.map { "/usr/lib/postgresql/\($0)/bin" } + [configured].compactMap(\.self) + path
    var seen: Set<String> = []
    return folders.filter { seen.insert($0).inserted }
  }

  /// The first line that a program prints; nil when it cannot be run.
  private static func output(of program: String, _ argument: String) -> String? {
    guard let output = try? ChildProcess.run([program, argument]), output.status.isSuccess else { return nil }
    return output.text.split(separator: "\n").first.map(String.init)
  }
}
