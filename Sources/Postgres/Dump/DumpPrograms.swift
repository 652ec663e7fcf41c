import FoundationEssentials
import Glibc

/// `pg_dump` and `pg_restore` of one version. Their work blocks the thread that asks for it: see `onOwnThread`.
public struct DumpPrograms: Sendable {
  let folder: String
  /// The major version, such as 15.
  public let version: Int

  var dumper: String { "\(folder)/pg_dump" }
  var restorer: String { "\(folder)/pg_restore" }

  /// The programs for a server of that major version: of the same one, else of the next newer one. Older ones
  /// cannot dump that server (the manual of pg_dump, "Notes").
  ///
  /// Throws `DumpError.noPrograms`.
  public static func find(forServer major: Int) throws -> DumpPrograms {
    try find(forServer: major, in: ServerPrograms.candidates())
  }

  static func find(forServer major: Int, in folders: [String]) throws -> DumpPrograms {
    let found = folders.compactMap(DumpPrograms.init(folder:))
    let fitting = found.filter { $0.version >= major }
    guard let best = fitting.min(by: { $0.version < $1.version }) else {
      throw DumpError.noPrograms(needed: major, found: found.map(\.version))
    }
    return best
  }

  private init?(folder: String) {
    self.folder = folder
    guard ["pg_dump", "pg_restore"].allSatisfy({ access("\(folder)/\($0)", X_OK) == 0 }),
      let output = try? ChildProcess.run(["\(folder)/pg_dump", "--version"]), output.status.isSuccess,
      let version = ServerPrograms.major(in: output.text)
    else { return nil }
    self.version = version
  }

  /// Dumps a database in PostgreSQL's custom format, without rights, piece by piece as it comes.
  ///
  /// - Parameters:
  ///   - snapshot: what `pg_export_snapshot()` gave in a transaction that is still open.
  ///   - emptied: tables whose rows are left out.
  ///   - take: is called with each piece; what it throws ends the dump and is thrown again.
  /// - Throws: `DumpError`, `ClusterError`, and what `take` throws.
  public func dump(
    _ configuration: PostgresConfiguration, snapshot: String, leavingOutRowsOf emptied: [String],
    into take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (environment, address) = try configuration.forPrograms()
    let said = try ProgramOutput()
    let (ours, theirs) = try Self.connectedSockets()
    defer { close(ours) }
    let words =
      [
        dumper, "--format=custom", "--no-privileges", "--no-password",
        "--lock-wait-timeout=60000", "--snapshot=\(snapshot)", "--dbname=\(address)",
      ] + emptied.map { "--exclude-table-data=\($0)" }
    let program: ChildProcess
    do {
      defer { close(theirs) }
      program = try ChildProcess(words, output: theirs, errors: said.file, environment: environment)
    }
    do {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
      defer { buffer.deallocate() }
      while true {
        let count = read(ours, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw ClusterError.system("the output of pg_dump") }
        if count == 0 { break }
        try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    } catch {
      program.signal(SIGTERM)
      program.waitForEnd()
      throw error
    }
    try Self.check(program, dumper, said)
  }

  /// Reads a dump to its end as a restore would, and writes nothing.
  ///
  /// - Parameter give: fills a buffer with the next piece and returns its length, 0 at the end.
  /// - Throws: `DumpError`, `ClusterError`, and what `give` throws.
  public func check(_ give: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
    try feed([restorer, "--file=/dev/null"], [:], give)
  }

  /// Restores a dump into a database without tables, in one transaction.
  ///
  /// - Parameter give: fills a buffer with the next piece and returns its length, 0 at the end.
  /// - Throws: `DumpError`, `ClusterError`, and what `give` throws.
  public func restore(
    into configuration: PostgresConfiguration, _ give: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    let (environment, address) = try configuration.forPrograms()
    let words = [
      restorer, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password",
      "--dbname=\(address)",
    ]
    try feed(words, environment, give)
  }

  private static let piece = 256 * 1024

  /// Runs a program with that input.
  private func feed(
    _ words: [String], _ environment: [String: String], _ give: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    let said = try ProgramOutput()
    let (ours, theirs) = try Self.connectedSockets()
    var isOpen = true
    defer { if isOpen { close(ours) } }
    let program: ChildProcess
    do {
      defer { close(theirs) }
      program = try ChildProcess(words, input: theirs, output: said.file, environment: environment)
    }
    do {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
      defer { buffer.deallocate() }
      while case let count = try give(buffer), count > 0 {
        guard try Self.send(buffer[..<count], to: ours) else { break }
      }
    } catch {
      // Killed first: an input that merely ended would look complete where the rest was only padding.
      program.signal(SIGKILL)
      program.waitForEnd()
      throw error
    }
    close(ours)
    isOpen = false
    try Self.check(program, words[0], said)
  }

  /// Returns whether all of it was taken: a program that has ended takes no more, and says why itself.
  private static func send(_ bytes: Slice<UnsafeMutableRawBufferPointer>, to socket: Int32) throws -> Bool {
    var rest = UnsafeRawBufferPointer(rebasing: bytes)
    while !rest.isEmpty {
      // Not `write`: that would end this process by a signal where the other one has ended.
      let count = Glibc.send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EPIPE || errno == ECONNRESET { return false }
      guard count >= 0 else { throw ClusterError.system("the input of pg_restore") }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return true
  }

  private static func check(_ program: ChildProcess, _ name: String, _ said: ProgramOutput) throws {
    let status = program.waitForEnd() ?? ChildProcess.Status(code: -1)
    guard status.isSuccess else {
      throw DumpError.failed(program: name, reason: "\(status)", output: said.text())
    }
  }

  /// Two ends that no other program inherits.
  private static func connectedSockets() throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ClusterError.system("a pair of sockets") }
    return (ends[0], ends[1])
  }
}
