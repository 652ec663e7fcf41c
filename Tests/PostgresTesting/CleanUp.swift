import Foundation
import Postgres

/// Removes what this process leaves, also when it crashes.
enum CleanUp {
  /// Starts a small shell that outlives this process and removes the folder, again until nothing writes into it
  /// any more: database servers get a signal from the kernel when this process ends, and need a moment.
  static func afterThisProcess(removing folder: String) throws {
    let script = """
      while kill -0 "$1" 2>/dev/null; do sleep 0.2; done
      tries=0
      while [ -e "$2" ] && [ $tries -lt 100 ]; do
        rm -rf -- "$2" 2>/dev/null
        sleep 0.1
        tries=$((tries + 1))
      done
      """
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(nowhere) }
    _ = try ChildProcess(["/bin/sh", "-c", script, "sh", "\(getpid())", folder], output: nowhere)
  }
}
