import Foundation
import Postgres

/// Removes what this process leaves, also when it crashes.
enum CleanUp {
  /// Starts a small shell that outlives this process, waits for the database server's end (the kernel sends it a
  /// signal when this process ends), and removes the folder.
  static func afterThisProcess(removing folder: String) throws {
    let script = """
      while kill -0 "$1" 2>/dev/null; do sleep 0.2; done
      tries=0
      while [ -e "$2/data/postmaster.pid" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
      rm -rf -- "$2"
      """
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(nowhere) }
    _ = try ChildProcess(["/bin/sh", "-c", script, "sh", "\(getpid())", folder], output: nowhere)
  }
}
