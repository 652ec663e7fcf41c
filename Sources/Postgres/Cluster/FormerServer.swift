import FoundationEssentials
import Glibc
import Logging

/// Processes of a server that an earlier owner of the folder left behind: a postmaster whose owner was killed, or
/// the server processes of a postmaster that was killed.
///
/// They are ours when they work in our data folder: PostgreSQL's processes all change into it. The number in
/// `postmaster.pid` alone would prove nothing, since numbers are used again.
struct FormerServer {
  let data: String

  /// Stops them: politely, then firmly. To be called by the one who holds the folder's lock.
  func stop(logger: Logger) {
    let found = processes()
    guard !found.isEmpty else { return }
    logger.notice("stopping a database server that an earlier run left in \(data)")
    for (signal, patience) in [(SIGINT, 10.0), (SIGQUIT, 5.0), (SIGKILL, 5.0)] {
      // The postmaster hands a signal on; without one, its orphans must be told themselves.
      let processes = processes()
      let targets = postmaster(among: processes).map { [$0] } ?? processes
      for pid in signal == SIGKILL ? processes : targets { kill(pid, signal) }
      if waitUntilGone(seconds: patience) { return }
    }
  }

  /// All processes that run `postgres` in our data folder.
  func processes() -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { pid in
      Self.link("/proc/\(pid)/cwd") == data && Self.link("/proc/\(pid)/exe")?.hasSuffix("/postgres") == true
    }
  }

  private func postmaster(among processes: [pid_t]) -> pid_t? {
    let file = try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)
    let pid = file.flatMap { $0.split(separator: "\n").first }.flatMap { pid_t($0) }
    return pid.flatMap { processes.contains($0) ? $0 : nil }
  }

  private func waitUntilGone(seconds: Double) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while !processes().isEmpty {
      if ContinuousClock.now >= end { return false }
      usleep(10_000)
    }
    return true
  }

  private static func link(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink(path, start, buffer.count)
      guard count > 0 else { return nil }
      return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
