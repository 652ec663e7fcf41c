import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A program that runs as our child, started and awaited by a thread of its own.
///
/// That thread lives as long as the child does, so the child may ask the kernel for a signal when its parent
/// dies: the kernel means the thread that started it (`PR_SET_PDEATHSIG` in prctl(2)).
package final class ChildProcess: Sendable {
  /// How a program ended.
  package struct Status: Sendable, Equatable, CustomStringConvertible {
    /// What waitpid reported.
    package let code: Int32

    package var isSuccess: Bool { code == 0 }
    /// The signal that ended it, if one did.
    package var signal: Int32? { code & 0x7F == 0 ? nil : code & 0x7F }

    package var description: String {
      signal.map { "was ended by signal \($0)" } ?? "ended with status \((code >> 8) & 0xFF)"
    }
  }

  package let pid: pid_t
  private let end = DispatchGroup()
  private let ending: Ending

  /// Starts a program with its words. Its output goes to that file descriptor, its errors too unless they have one
  /// of their own, its input is empty unless one is given, and no other file of ours stays open in it. It has a
  /// process group of its own, so that Ctrl-C at our terminal is ours. `environment` is added to a bare one.
  package init(
    _ words: [String], input: Int32? = nil, output: Int32, errors: Int32? = nil,
    environment: [String: String] = [:], onEnd: @escaping @Sendable (Status) -> Void = { _ in }
  ) throws {
    let variables = Self.bareEnvironment.merging(environment) { _, given in given }.map { "\($0)=\($1)" }
    let started = DispatchSemaphore(value: 0)
    let answer = Mutex<(pid: pid_t, error: Int32)>((0, 0))
    let (end, ending) = (end, Ending())
    end.enter()
    try startThread(name: "postgres-child") {
      let (pid, error) = Self.spawn(
        words, input: input, output: output, errors: errors ?? output, environment: variables)
      answer.withLock { $0 = (pid, error) }
      started.signal()
      guard error == 0 else { return end.leave() }
      let status = Self.wait(pid)
      ending.status.withLock { $0 = status }
      end.leave()
      onEnd(status)
    }
    started.wait()
    let (pid, error) = answer.withLock { $0 }
    guard error == 0 else { throw ClusterError.system(words[0], error) }
    self.pid = pid
    self.ending = ending
  }

  /// What the thread finds out; it does not keep the process itself alive.
  private final class Ending: Sendable {
    let status = Mutex<Status?>(nil)
  }

  /// How it ended; nil while it runs.
  var exitStatus: Status? { ending.status.withLock { $0 } }

  /// Blocks until it has ended, at most that long. Returns nil when it still runs.
  @discardableResult
  package func waitForEnd(seconds: Double = .infinity) -> Status? {
    _ = end.wait(timeout: seconds.isInfinite ? .distantFuture : .now() + seconds)
    return exitStatus
  }

  /// Sends a signal unless it has ended, when its number may be someone else's already.
  package func signal(_ number: Int32) {
    if exitStatus == nil { kill(pid, number) }
  }

  /// Runs a program to its end. Returns what it printed, errors included.
  static func run(_ words: [String]) throws -> (status: Status, text: String) {
    let output = try ProgramOutput()
    let status = try ChildProcess(words, output: output.file).waitForEnd()
    return (status ?? Status(code: -1), output.text())
  }

  private static let bareEnvironment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"]

  /// Files that some library opened without "close on exec"; a server that lives on must not hold them.
  private static func inheritableFiles() -> [Int32] {
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return open.compactMap { Int32($0) }.filter { file in
      let flags = fcntl(file, F_GETFD)
      return file > 2 && flags >= 0 && flags & FD_CLOEXEC == 0
    }
  }

  private static func wait(_ pid: pid_t) -> Status {
    var code: Int32 = 0
    while waitpid(pid, &code, 0) < 0, errno == EINTR {}
    return Status(code: code)
  }

  private static func spawn(
    _ words: [String], input: Int32?, output: Int32, errors: Int32, environment: [String]
  ) -> (pid: pid_t, error: Int32) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    for file in inheritableFiles() { posix_spawn_file_actions_addclose(&actions, file) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var pid: pid_t = 0
    let program = words[0]
    let error = CStrings.with(words) { words in
      CStrings.with(environment) { environment in
        posix_spawn(&pid, program, &actions, &attributes, words, environment)
      }
    }
    return (pid, error)
  }
}
